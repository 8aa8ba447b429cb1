// Signing in again without leaving the page: what is typed there stays where it is.

const words = document.getElementById("words").dataset;
const here = location.pathname + location.search;
const dialog = document.body.appendChild(document.createElement("dialog"));
let wanted; // the mark of the reader whose page this is, and what to do when they are back

async function drawn(address, options) {
  const response = await fetch(address, { ...options, redirect: "manual" });
  // A redirect: somebody is signed in now, by this form or in another tab.
  if (response.type === "opaqueredirect") return null;
  if (response.status >= 500) throw new Error(response.statusText);
  return new DOMParser().parseFromString(await response.text(), "text/html").querySelector("main");
}

function show(main) {
  // Another account would not be the reader of this page.
  main.querySelectorAll("a[href*='/sign-up/']").forEach((link) => link.remove());
  const close = document.createElement("button");
  close.type = "button";
  close.className = "quiet";
  close.textContent = words.close;
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(...main.childNodes, close);
  dialog.setAttribute("aria-label", dialog.querySelector("h1").textContent);
  if (!dialog.open) dialog.showModal();
  dialog.querySelector(".error-summary, input:not([type=hidden])")?.focus();
}

function failed() {
  const said = document.createElement("p");
  said.className = "not-saved";
  said.setAttribute("role", "alert");
  said.textContent = words.unsent;
  dialog.querySelectorAll(":scope > [role=alert].not-saved").forEach((old) => old.remove());
  dialog.prepend(said);
  if (!dialog.open) dialog.showModal();
}

async function go(address, options) {
  try {
    const main = await drawn(address, options);
    if (main) show(main);
    else await enter();
  } catch {
    failed();
  }
}

// Another person gets a page of their own, without what is typed on this one.
async function enter() {
  const main = await drawn(here);
  if (main?.querySelector("form [name=reader]")?.value === wanted.reader) {
    dialog.close();
    wanted.done();
  } else location.replace(here);
}

dialog.addEventListener("submit", (event) => {
  event.preventDefault();
  go(event.target.action, { method: "POST", body: new FormData(event.target) });
});

export function signInAgain(reader, done) {
  wanted = { reader, done };
  return go(`${words.door}?next=${encodeURIComponent(here)}`);
}
