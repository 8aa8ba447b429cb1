// Autosave. What is typed is kept on this device until the server has it, and sent again when the
// network returns. A visitor's copy lives in this tab only; a signed-in reader's under their mark,
// and signing out clears it, so that the next child finds nothing.

const words = document.getElementById("words").dataset;
const WAIT = 1200;
const RETRY = 15_000;
const PATIENCE = 5000;

// Saves go one after another, and what is handed over waits for them: a visitor's first one makes
// the guest whom all that follows belongs to. Two at once would make two, and one be lost.
let line = Promise.resolve();
let waiting = 0;
// A page that is being left keeps its copies: the next may have been asked for before a save.
let leaving = false;
addEventListener("beforeunload", () => { leaving = true; });

function saved() {
  return Promise.race([line, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
}

function token(form) {
  const found = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/);
  return found ? found[1] : form.elements.csrfmiddlewaretoken.value;
}

class Draft {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.saves = box.querySelector("[data-saves]");
    this.said = box.querySelector("[data-saved]");
    const reader = this.form.elements.reader.value;
    this.store = reader ? localStorage : sessionStorage;
    this.name = `draft:${reader}:${box.dataset.draft}`;
    this.timer = 0;
    this.sending = false;
    this.known = JSON.stringify(this.answers());
    box.addEventListener("input", () => this.changed());
    box.addEventListener("change", () => this.changed());
    this.restore();
  }

  fields() {
    const body = new FormData();
    const prefix = this.saves.name.replace(/saves$/, "");
    for (const [name, value] of new FormData(this.form)) {
      if (name.startsWith(prefix) || name === "reader") body.append(name, value);
    }
    body.set("csrfmiddlewaretoken", token(this.form));
    return body;
  }

  answers() {
    return [...this.fields()].filter(([name]) => /-(?!revision|seed|tries|saves|uuid)[^-]/.test(name) && name !== "reader");
  }

  changed() {
    leaving = false; // it was a download, or the reader stayed
    clearTimeout(this.timer);
    // Leaving a field, or the tab, tells of a change that the server may have already.
    if (!this.sending && JSON.stringify(this.answers()) === this.known) {
      this.store.removeItem(this.name);
      return;
    }
    this.keep();
    this.timer = setTimeout(() => this.send(), WAIT);
  }

  keep() {
    try {
      // With the save it builds on: if another window saves meanwhile, the server tells us so.
      const kept = { base: this.saves.value, values: this.answers() };
      this.store.setItem(this.name, JSON.stringify(kept));
    } catch { /* storage is full or refused: the text stays in the field */ }
  }

  restore() {
    const kept = this.store.getItem(this.name);
    if (!kept) return;
    const { base, values } = JSON.parse(kept);
    if (!Array.isArray(values) || JSON.stringify(this.answers()) === JSON.stringify(values)) {
      this.store.removeItem(this.name);
      return;
    }
    this.saves.value = base;
    for (const field of this.box.querySelectorAll("input, select, textarea")) {
      if (field.type === "hidden") continue;
      const own = values.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "radio" || field.type === "checkbox") field.checked = own.includes(field.value);
      else field.value = own[0] ?? "";
    }
    this.send();
  }

  say(text, saved) {
    if (!this.said) return;
    this.said.className = saved ? "saved" : "not-saved";
    this.said.textContent = text;
  }

  send() {
    if (this.sending) {
      this.again = true;
      return;
    }
    this.sending = true;
    waiting += 1;
    line = line.then(() => this.sendOnce()).finally(() => { waiting -= 1; });
  }

  async sendOnce() {
    this.again = false;
    const sent = JSON.stringify(this.answers());
    try {
      const response = await fetch(this.box.dataset.draft, {
        method: "POST", body: this.fields(), headers: { Accept: "application/json" }, redirect: "error",
      });
      await this.received(response, sent);
    } catch {
      this.say(words.offline, false);
      setTimeout(() => this.pending() && this.send(), RETRY);
    }
    this.sending = false;
    if (this.again) this.send();
  }

  pending() {
    return this.box.isConnected && this.store.getItem(this.name) !== null;
  }

  async received(response, sent) {
    if (response.ok) {
      const { saves } = await response.json();
      this.saves.value = saves;
      this.known = sent;
      if (leaving) this.keep();
      else if (JSON.stringify(this.answers()) === sent) this.store.removeItem(this.name);
      const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      this.say(`${words.saved} ${time}`, true);
    } else if (response.status === 409 || response.status === 422) {
      this.refused(await response.json());
    } else {
      this.say(response.status === 403 ? words.expired : words.busy, false);
      setTimeout(() => this.pending() && this.send(), RETRY);
    }
  }

  refused({ message, stored, saves }) {
    this.say(stored ? `${message} ${words.stored} “${stored}”` : message, false);
    if (saves === undefined) return;
    const mine = document.createElement("button");
    mine.type = "button";
    mine.className = "quiet";
    mine.textContent = words.mine;
    mine.addEventListener("click", () => { this.saves.value = saves; this.send(); });
    this.said.append(" ", mine);
  }

  hold() {
    clearTimeout(this.timer);
    this.again = false;
  }

  done() {
    this.hold();
    this.store.removeItem(this.name);
  }
}

const drafts = new Map();

function begin(root) {
  const boxes = [...root.querySelectorAll("[data-draft]")];
  if (root.matches?.("[data-draft]")) boxes.push(root);
  for (const box of boxes) {
    // Drafts do the keeping. The browser's own would show it on Back to whoever signs in next.
    box.closest("form").autocomplete = "off";
    const typed = ["open", "short", "stance", "cable"].includes(box.dataset.kind);
    if (!drafts.has(box) && (typed || box.closest("form.graded"))) drafts.set(box, new Draft(box));
  }
}
begin(document);
document.addEventListener("htmx:load", (event) => begin(event.detail.elt));
// The form that was sent is no longer on the page when this is heard; its request still names it.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.requestConfig?.elt;
  const draft = drafts.get(form);
  if (!draft || !event.detail.successful || event.detail.xhr.status === 422) return;
  draft.done();
  drafts.delete(form);
});
const held = new Set();
document.addEventListener("htmx:confirm", (event) => {
  const { elt, issueRequest } = event.detail;
  drafts.get(elt)?.hold();
  if (!waiting) return;
  event.preventDefault();
  if (held.has(elt)) return;
  held.add(elt);
  saved().then(() => {
    held.delete(elt);
    issueRequest(true);
  });
});

// A form handed over while one of its saves is under way would look stale to the server.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-submits-drafts]")) forget(`:${location.pathname}questions/`);
  if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post]")) return;
  for (const draft of drafts.values()) if (draft.form === form) draft.hold();
  if (!waiting) return;
  event.preventDefault();
  saved().then(() => form.submit());
});

// What is handed in needs no copy here, nor may it fill in the next attempt.
function forget(part) {
  for (const store of [localStorage, sessionStorage]) {
    for (const key of Object.keys(store)) {
      if (key.startsWith("draft:") && key.includes(part)) store.removeItem(key);
    }
  }
}

addEventListener("online", () => {
  for (const draft of drafts.values()) if (draft.pending()) draft.send();
});
