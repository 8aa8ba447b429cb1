// On pages with links to a term or a person ("ref"): their first sentence in a small window, while
// the pointer is on the link or in the window, or the focus on the link; Escape closes it and
// leaves the focus where it is (WCAG 1.4.13). Nothing moves: the window lies over the page.

const WAIT = 200; // ms before a pointer that only passes opens it
const STAY = 350; // ms to get from the link into the window

const kept = new Map();
const box = document.createElement("div");
box.id = "preview";
box.className = "preview";
box.role = "tooltip";
box.hidden = true;
document.getElementById("main").append(box);

let link = null;
let timer = 0;

function source(of) {
  const url = new URL(of.href);
  const term = url.hash.startsWith("#term-") ? `${url.hash.slice("#term-".length)}/` : "";
  return `${url.pathname}${term}preview/`;
}

function words(of) {
  const address = source(of);
  if (!kept.has(address)) {
    const asked = fetch(address, { headers: { "HX-Request": "true" } })
      .then((answer) => (answer.ok && !answer.redirected ? answer.text() : ""))
      .catch(() => "");
    kept.set(address, asked);
  }
  return kept.get(address);
}

function place(y) {
  const lines = [...link.getClientRects()];
  const line = lines.find((one) => y >= one.top && y <= one.bottom) ?? lines[0];
  const room = document.documentElement.clientWidth;
  const left = Math.max(16, Math.min(line.left, room - box.offsetWidth - 16));
  const below = line.bottom + 4;
  const above = line.top - box.offsetHeight - 4;
  const fits = below + box.offsetHeight <= innerHeight || above < 0;
  const origin = box.offsetParent?.getBoundingClientRect() ?? { left: -scrollX, top: -scrollY };
  box.style.left = `${left - origin.left}px`;
  box.style.top = `${(fits ? below : above) - origin.top}px`;
}

async function show(of, y) {
  clearTimeout(timer);
  if (of === link) return;
  hide();
  link = of;
  const html = (await words(of)).trim();
  if (link !== of) return;
  if (!html) {
    link = null;
    return;
  }
  box.innerHTML = html;
  box.hidden = false;
  place(y);
  of.setAttribute("aria-describedby", box.id);
}

function hide() {
  clearTimeout(timer);
  link?.removeAttribute("aria-describedby");
  link = null;
  box.hidden = true;
}

function leave() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (link !== document.activeElement) hide();
  }, STAY);
}

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const over = event.target.closest?.("a.ref");
  if (over) {
    clearTimeout(timer);
    timer = setTimeout(show, over === link ? 0 : WAIT, over, event.clientY);
  } else if (event.target.closest?.("#preview")) {
    clearTimeout(timer);
  }
});
document.addEventListener("pointerout", (event) => {
  if (event.target.closest?.("a.ref, #preview")) leave();
});
document.addEventListener("focusin", (event) => {
  const on = event.target.closest?.("a.ref");
  if (on) show(on);
});
document.addEventListener("focusout", (event) => {
  if (event.target === link) hide();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hide();
});
