// The question as a student will see it, drawn by the server from what stands in the form.

const PAUSE = 600;

export function livePreview(section) {
  const form = document.getElementById(section.dataset.form);
  const place = section.querySelector(".live-preview-page");
  if (!form || !place.attachShadow) return;
  const root = place.attachShadow({ mode: "open" });
  // The site's own sheets, which here touch nothing but the preview.
  const sheets = section.dataset.sheets.split(" ").map((address) => {
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = address;
    return sheet;
  });
  const page = document.createElement("div");
  page.lang = document.documentElement.lang;
  root.append(...sheets, page);
  root.addEventListener("submit", (event) => event.preventDefault());
  section.hidden = false;

  let timer, running, last = "";
  const draw = async () => {
    const data = new URLSearchParams(new FormData(form)), asked = data.toString();
    if (asked === last) return;
    last = asked;
    running?.abort();
    running = new AbortController();
    try {
      const answer = await fetch(section.dataset.preview, { method: "POST", body: data, headers: { "HX-Request": "true" }, signal: running.signal });
      if (answer.ok || answer.status === 422) page.innerHTML = await answer.text();
    } catch { /* it is drawn again with the next change */ }
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(draw, PAUSE); };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  draw();
}
