// What every page with forms needs: fresh tokens, a focus that is not lost, words for errors.

const words = document.getElementById("words").dataset;
const status = document.getElementById("status");

export function say(text) {
  status.textContent = "";
  if (text) setTimeout(() => { status.textContent = text; }, 60);
}

// Another tab may have signed in since this page was drawn; the cookie holds the token that counts.
function token() {
  const found = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/);
  return found ? found[1] : "";
}

document.addEventListener("htmx:configRequest", (event) => {
  const fresh = token();
  if (fresh && event.detail.parameters.csrfmiddlewaretoken) {
    event.detail.parameters.csrfmiddlewaretoken = fresh;
  }
});
document.addEventListener("submit", (event) => {
  const field = event.target.elements?.namedItem("csrfmiddlewaretoken");
  const fresh = token();
  if (field && fresh) field.value = fresh;
}, true);

// A question that replaces itself would drop the focus to the top of the page.
document.addEventListener("htmx:afterSettle", (event) => {
  const swapped = event.detail.elt;
  if (!swapped.matches?.(".question")) return;
  const target = swapped.querySelector(".error-summary") ?? swapped.querySelector("h2[tabindex]");
  target?.focus({ preventScroll: false });
  say(swapped.dataset.announce);
});

function failed(form, text) {
  const place = form?.querySelector("[data-saved]");
  if (place) {
    place.className = "not-saved";
    place.textContent = text;
  }
  say(text);
}
document.addEventListener("htmx:sendError", (event) => failed(event.detail.elt, words.unsent));
document.addEventListener("htmx:responseError", ({ detail: { elt, xhr } }) => {
  if (xhr.status === 401) ended(elt, () => elt.requestSubmit())?.click();
  else failed(elt, { 403: words.expired, 404: words.gone }[xhr.status] ?? words.busy);
});

// The session ended. The reader signs in beside what is typed, and it is sent then. A guest has no
// password to come back with.
function ended(box, again) {
  const isGuest = document.querySelector(".who [data-guest]");
  failed(box, isGuest ? words.expired : words.ended);
  if (isGuest) return null;
  const door = document.createElement("button");
  door.type = "button";
  door.className = "quiet";
  door.textContent = words.enter;
  door.addEventListener("click", async () => {
    const { signInAgain } = await import(words.signin);
    signInAgain(box.closest("form").elements.reader.value, again);
  });
  box.querySelector("[data-saved]")?.append(" ", door);
  return door;
}
document.addEventListener("signed-out", ({ detail: { box, again } }) => ended(box, again));

// A link to a note opens it, and what it lies in.
function unfold(target) {
  let fold = target?.closest("details");
  while (fold) {
    fold.open = true;
    fold = fold.parentElement.closest("details");
  }
}
function reveal() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (id) unfold(document.getElementById(id));
}
addEventListener("hashchange", reveal);
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='#']");
  if (link) unfold(document.getElementById(decodeURIComponent(link.hash.slice(1))));
});
reveal();

// Beside the text the style sheet shows notes that are not opened. A screen reader shall not hear
// "collapsed" of what can be seen: their state follows what is shown, and nothing moves.
const followed = new Set();
const seen = (note) => note.lastElementChild.checkVisibility();
function follow(record) {
  const notes = [...record.querySelectorAll(".notes details")];
  for (const note of notes) if (followed.delete(note)) note.open = false;
  for (const note of notes.filter((one) => !one.open && seen(one))) {
    followed.add(note);
    note.open = true;
  }
}
const drawn = new WeakMap();
const widths = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    if (drawn.get(target) === contentRect.width) continue;
    drawn.set(target, contentRect.width);
    follow(target);
  }
});
document.querySelectorAll(".record").forEach((record) => widths.observe(record));
document.addEventListener("toggle", (event) => {
  const note = event.target;
  if (!note.matches?.(".notes details")) return;
  if (note.open) delete note.dataset.shut;
  else if (seen(note)) note.dataset.shut = "";
}, true);

// Words that lead to the glossary or to a person show what they lead to, where there are any.
function preview() {
  if (document.querySelector("a.ref")) import(words.previews);
}
document.addEventListener("htmx:afterSettle", preview);
preview();

// A quiz that ends at some time.
if (document.querySelector("[data-left]")) import(words.clock);

// Sent errors of a whole page take the focus, as they do after a fragment.
document.querySelector("main .error-summary")?.focus();

// Time at a step counts while the page is seen.
const head = document.querySelector("[data-presence]");
if (head) {
  let since = document.visibilityState === "visible" ? Date.now() : 0;
  const report = () => {
    if (!since) return;
    const seconds = Math.round((Date.now() - since) / 1000);
    since = document.visibilityState === "visible" ? Date.now() : 0;
    if (seconds < 1) return;
    const body = new FormData();
    body.set("seconds", String(Math.min(seconds, 60)));
    body.set("reader", head.dataset.reader);
    body.set("csrfmiddlewaretoken", token());
    fetch(head.dataset.presence, { method: "POST", body, keepalive: true }).catch(() => {});
  };
  setInterval(report, 30_000);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") since = Date.now();
    else report();
  });
}
