// On every page. Single-key shortcuts, listed on "?", which can be turned off (WCAG 2.1.4).

const dialog = document.getElementById("shortcuts");
const off = document.getElementById("shortcuts-off");
const opener = document.querySelector("[data-open='shortcuts']");

opener.hidden = false;
opener.addEventListener("click", () => dialog.showModal());
off.checked = localStorage.getItem("shortcuts") === "off";
off.addEventListener("change", () => {
  if (off.checked) localStorage.setItem("shortcuts", "off");
  else localStorage.removeItem("shortcuts");
});

function go(target) {
  if (!target) return;
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "start" });
}

const actions = {
  "?": () => dialog.showModal(),
  n: () => (document.querySelector(".turn [rel=next], .turn [data-next]"))?.click(),
  p: () => document.querySelector(".turn [rel=prev]")?.click(),
  t: () => go(document.getElementById("text") ?? document.querySelector("main h1")),
  q: () => go(document.getElementById("questions")),
};

document.addEventListener("keydown", (event) => {
  if (off.checked || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  const action = actions[event.key];
  if (action) {
    event.preventDefault();
    action();
  }
});

// Signing out leaves nothing of what was typed for the next child at the same computer.
function forget() {
  for (const store of [localStorage, sessionStorage]) {
    for (const key of Object.keys(store)) if (key.startsWith("draft:")) store.removeItem(key);
  }
}
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[action$='/sign-out/']")) forget();
}, true);
if (document.querySelector(".messages .signed-out")) forget();
