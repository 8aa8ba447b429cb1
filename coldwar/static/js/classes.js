// Dashboards: one key hides the names, and what is shown is asked for anew while somebody looks.

const EVERY = 10_000; // ms

// --- Names: h presses the button, which posts a form and works without this. --------------------
const form = document.querySelector("form[data-names]");
const off = document.getElementById("shortcuts-off");
document.addEventListener("keydown", (event) => {
  if (event.key !== "h" && event.key !== "H") return;
  if (off?.checked || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  if (form) {
    event.preventDefault();
    form.requestSubmit();
  }
});

// --- Updates ------------------------------------------------------------------------------------
const board = () => document.getElementById("board");
const asOf = document.querySelector("[data-as-of]");
const pause = document.querySelector("[data-pause]");
let paused = sessionStorage.getItem("dashboard-paused") === "yes";

function show() {
  pause.setAttribute("aria-pressed", String(paused));
}
if (pause && board()) {
  pause.hidden = false;
  show();
  pause.addEventListener("click", () => {
    paused = !paused;
    if (paused) sessionStorage.setItem("dashboard-paused", "yes");
    else sessionStorage.removeItem("dashboard-paused");
    show();
    if (!paused) ask();
  });
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
}

function ask() {
  if (paused || document.visibilityState !== "visible") return;
  board()?.dispatchEvent(new CustomEvent("refresh"));
}

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.id !== "board" && event.detail.target?.id !== "board") return;
  const now = event.detail.xhr?.getResponseHeader("X-As-Of");
  if (now && asOf) asOf.textContent = now;
});

// A new board is where the old one was: scrolled as far; htmx gives the focus back by id.
const scrolled = new Map();
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "board") return;
  scrolled.clear();
  for (const part of board().querySelectorAll(".scroll[id]")) {
    scrolled.set(part.id, [part.scrollLeft, part === document.activeElement]);
  }
});
document.addEventListener("htmx:afterSettle", () => {
  for (const [id, [left, focused]] of scrolled) {
    const part = document.getElementById(id);
    if (!part) continue;
    part.scrollLeft = left;
    if (focused) part.focus({ preventScroll: true });
  }
  scrolled.clear();
});
