// Autosave. What is typed is kept on this device until the server has it, and sent again when the
// network returns. A visitor's copy lives in this tab only; a signed-in reader's under their mark,
// and signing out clears it, so that the next child finds nothing.

const words = document.getElementById("words").dataset;
const WAIT = 1200;
const RETRY = 15_000;
const PATIENCE = 5000;
// Each tab keeps a copy of its own: of two that are written in, neither may take away the other's.
const tab = sessionStorage.getItem("tab") ?? Math.random().toString(36).slice(2);
sessionStorage.setItem("tab", tab);

// Saves go one after another, and what is handed over waits for them: a visitor's first one makes
// the guest whom all that follows belongs to. Two at once would make two, and one be lost.
let line = Promise.resolve();
let waiting = 0;
// A page that is being left keeps its copies: the next may have been asked for before a save.
let leaving = false;
addEventListener("beforeunload", () => { leaving = true; });
addEventListener("pageshow", () => { leaving = false; });

function saved() {
  return Promise.race([line, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
}

function token(form) {
  const found = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/);
  return found ? found[1] : form.elements.csrfmiddlewaretoken.value;
}

// Words of a text, as the server counts them when it is handed in.
function count(text) {
  return text.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

function recount(field) {
  const output = field.matches("textarea.counted") && document.getElementById(field.id.replace(/text$/, "count"));
  // The server's words stay, which are translated; only their number changes.
  if (output) output.textContent = output.textContent.replace(/\d+/, String(count(field.value)));
}
document.addEventListener("input", ({ target }) => recount(target));

const flat = JSON.stringify;
const named = (values, name) => values.filter(([own]) => own === name).map(([, value]) => value);

class Draft {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.saves = box.querySelector("[data-saves]");
    this.prefix = this.saves.name.replace(/saves$/, "");
    this.said = box.querySelector("[data-saved]");
    const reader = this.form.elements.reader.value;
    this.store = reader ? localStorage : sessionStorage;
    this.place = `draft:${reader}:${box.dataset.draft}#`;
    this.name = this.place + tab;
    this.timer = 0;
    this.sending = false;
    this.unsure = new Map(); // saves that no answer came to, by what they hold
    // The fields may have been typed into already: what the server sent is in their defaults.
    const form = this.form.cloneNode(true);
    form.reset();
    this.drawn = this.answers(form);
    // What was refused is drawn as it was typed; the server has it not.
    this.known = box.querySelector("[data-typed]") ? "" : flat(this.drawn);
    box.addEventListener("input", () => this.changed());
    box.addEventListener("change", () => this.changed());
    this.restore();
  }

  fields(form = this.form) {
    const body = new FormData();
    for (const [name, value] of new FormData(form)) {
      if (name.startsWith(this.prefix) || name === "reader") body.append(name, value);
    }
    body.set("csrfmiddlewaretoken", token(this.form));
    return body;
  }

  answers(form = this.form) {
    return [...this.fields(form)].filter(([name]) => /-(?!revision|seed|tries|saves|uuid)[^-]/.test(name) && name !== "reader");
  }

  // What a choice's place stands for: another question, or another order of its lines, has others.
  asked() {
    return ["revision", "seed"].map((part) => this.form.elements[this.prefix + part].value).join();
  }

  isSaved() {
    return !this.unsure.size && flat(this.answers()) === this.known;
  }

  changed() {
    leaving = false; // it was a download, or the reader stayed
    clearTimeout(this.timer);
    // Leaving a field, or the tab, tells of a change that the server may have already.
    if (!this.sending && this.isSaved()) {
      this.drop();
      return;
    }
    this.keep();
    this.timer = setTimeout(() => this.isSaved() || this.send(), WAIT);
  }

  keep() {
    if (!this.box.isConnected) return;
    try {
      // With the save it builds on: if another window saves meanwhile, the server tells us so.
      this.kept = flat({
        base: this.saves.value, sent: this.sent, asked: this.asked(), values: this.answers(), at: Date.now(),
      });
      this.store.setItem(this.name, this.kept);
    } catch { /* storage is full or refused: the text stays in the field */ }
  }

  drop() {
    // A tab that was duplicated has the same name, and perhaps newer words under it.
    if (this.store.getItem(this.name) === this.kept) this.store.removeItem(this.name);
  }

  // This tab's copy, or the newest that another left behind; it is taken over. What somebody wrote
  // before their first save made them a guest is the guest's, and nobody's who has an account.
  take() {
    const places = [[this.store, this.place]];
    if (!("account" in document.body.dataset)) places.push([sessionStorage, `draft::${this.box.dataset.draft}#`]);
    const found = places.flatMap(([store, place]) => Object.keys(store)
      .filter((name) => name.startsWith(place))
      .map((name) => ({ store, name, copy: JSON.parse(store.getItem(name)) })));
    const own = ({ name }) => Number(name === this.name);
    found.sort((one, other) => own(other) - own(one) || other.copy.at - one.copy.at);
    if (!found.length) return null;
    const [{ store, name, copy }] = found;
    store.removeItem(name);
    return copy;
  }

  restore() {
    const copy = this.take();
    if (copy) this.fill(copy);
    if (flat(this.answers()) === this.known) return;
    // Unless it builds on a save of ours whose answer did not reach us.
    if (copy && copy.sent !== this.known) this.saves.value = copy.base;
    this.keep();
    this.send();
  }

  fill({ asked, values }) {
    const now = this.answers();
    const touched = (name) => flat(named(now, name)) !== flat(named(this.drawn, name));
    for (const field of this.box.querySelectorAll("input, select, textarea")) {
      if (field.type === "hidden" || touched(field.name)) continue;
      const own = named(values, field.name);
      if (field.matches("textarea, [type=text]")) {
        field.value = own[0] ?? "";
        recount(field);
      } else if (asked !== this.asked()) continue;
      else if (field.matches("select")) field.value = own[0] ?? "";
      else field.checked = own.includes(field.value);
    }
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
    const sent = flat(this.answers());
    const body = this.fields();
    this.sent = sent;
    try {
      let response = await this.post(body);
      // It may have met a save of this page whose reply was lost: sent again, that one is known.
      for (const lost of response.status === 409 ? this.unsure.values() : []) {
        const known = await this.post(lost);
        if (!known.ok) continue;
        body.set(this.saves.name, (await known.json()).saves);
        response = await this.post(body);
        break;
      }
      this.unsure.clear();
      await this.received(response, sent);
    } catch {
      this.unsure.set(sent, body);
      this.say(words.offline, false);
      setTimeout(() => this.pending() && this.send(), RETRY);
    }
    this.sending = false;
    if (this.again && !this.isSaved()) this.send();
  }

  post(body) {
    const headers = { Accept: "application/json" };
    return fetch(this.box.dataset.draft, { method: "POST", body, headers, redirect: "error" });
  }

  pending() {
    return this.box.isConnected && this.store.getItem(this.name) !== null;
  }

  async received(response, sent) {
    if (response.ok) {
      const { saves, left } = await response.json();
      if (left !== undefined) document.dispatchEvent(new CustomEvent("time-left", { detail: left }));
      this.saves.value = saves;
      this.known = sent;
      if (leaving || flat(this.answers()) !== sent) this.keep();
      else this.drop();
      const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      this.say(`${words.saved} ${time}`, true);
    } else if (response.status === 409 || response.status === 422) {
      this.refused(await response.json());
    } else if (response.status === 401) {
      this.keep(); // signing out, in another window, took the copies away
      const detail = { box: this.box, again: sendKept };
      document.dispatchEvent(new CustomEvent("signed-out", { detail }));
    } else {
      this.say({ 403: words.expired, 404: words.gone }[response.status] ?? words.busy, false);
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
    this.drop();
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
  if (!draft) return;
  if (draft.box.isConnected) { // nothing came back that could take its place
    draft.changed();
    return;
  }
  // What was refused stays, for the form that came instead.
  if (event.detail.xhr.status < 400) draft.done();
  else draft.hold();
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

function sendKept() {
  for (const draft of drafts.values()) if (draft.pending()) draft.send();
}
addEventListener("online", sendKept);
// The reader may come back from a tab in which they signed in again.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") sendKept();
});
