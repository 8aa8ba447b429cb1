// Words are chosen in the text: by mouse, by finger, or by keys. The field beside it is filled in,
// and which of several equal places was meant.

const WORD = /[\p{L}\p{N}]+(?:[’'\-\u2011][\p{L}\p{N}]+)*/gu;
const painted = new Map();

export function chooseWords(box) {
  if (box.dataset.live) return;
  box.dataset.live = "yes";
  const chooser = new Chooser(box);
  chooser.follow();
}

class Chooser {
  constructor(box) {
    this.box = box;
    this.text = box.querySelector(".words-text");
    this.status = box.querySelector("[role=status]");
    this.field = document.getElementById(box.dataset.quote);
    this.which = document.getElementById(box.dataset.quote.replace(/quote$/, "occurrence"));
    this.before = [this.field.value, this.which?.value ?? ""];
    this.text.setAttribute("role", "application");
    box.querySelector("[data-when-live]").hidden = false;
    this.read();
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("pointerup", () => setTimeout(() => this.take()));
    document.addEventListener("selectionchange", () => { if (this.touched) this.take(); });
    this.text.addEventListener("touchstart", () => { this.touched = true; }, { passive: true });
    this.text.addEventListener("pointerdown", (event) => { this.touched = event.pointerType === "touch"; });
    this.field.addEventListener("input", () => { if (this.which) this.which.value = ""; this.paint(); });
  }

  /** The text's words and sentences, in UTF-16 units as the browser counts them. */
  read() {
    this.whole = this.text.textContent;
    this.words = [...this.whole.matchAll(WORD)].map((found) => [found.index, found.index + found[0].length]);
    this.sentences = [];
    let at = 0;
    for (const span of this.text.children) {
      this.sentences.push([at, at + span.textContent.length]);
      at += span.textContent.length;
    }
    this.anchor = this.cursor = null;
    this.paint();
  }

  /** Another text is chosen in the form: it is fetched and shown. */
  follow() {
    const select = document.getElementById(this.box.dataset.textField);
    if (!select) return;
    const changed = async () => {
      if (!select.value) { this.box.hidden = true; this.text.replaceChildren(); this.read(); return; }
      const answer = await fetch(this.box.dataset.address.replace("/0/", `/${select.value}/`), { headers: { "HX-Request": "true" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      this.text.replaceChildren(...page.body.children);
      this.box.hidden = false;
      this.read();
    };
    // The autocomplete of Django's admin tells of a choice by jQuery alone.
    if (window.django?.jQuery) window.django.jQuery(select).on("change", changed);
    else select.addEventListener("change", changed);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.words.length) return;
    const here = this.cursor ?? this.near();
    const moves = { ArrowRight: 1, ArrowLeft: -1, Home: -this.words.length, End: this.words.length };
    if (event.key in moves) this.go(here === null ? 0 : clamp(here + moves[event.key], this.words), event.shiftKey);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.sentence(event.key === "ArrowDown" ? 1 : -1, here, event.shiftKey);
    else if (event.key === "Enter") this.wholeSentence(here ?? 0);
    else if (event.key === "Escape") this.putBack();
    else return;
    event.preventDefault();
  }

  /** The word at which the present choice begins. */
  near() {
    const range = this.chosen();
    if (!range) return null;
    const found = this.words.findIndex(([, end]) => end > range[0]);
    if (found >= 0) { this.anchor = found; this.cursor = this.lastWord(range[1]); }
    return this.cursor;
  }

  lastWord(end) {
    let last = 0;
    this.words.forEach(([start], n) => { if (start < end) last = n; });
    return last;
  }

  go(word, wider) {
    this.cursor = word;
    if (!wider || this.anchor === null) this.anchor = word;
    const [first, last] = [Math.min(this.anchor, word), Math.max(this.anchor, word)];
    this.choose(this.words[first][0], this.words[last][1]);
  }

  sentence(step, here, wider) {
    const now = here === null ? -1 : this.sentences.findIndex(([, end]) => end > this.words[here][0]);
    const next = clamp(now + step, this.sentences), [start, end] = this.sentences[next];
    const word = wider && step > 0 ? this.lastWord(end) : this.words.findIndex(([at]) => at >= start);
    if (word >= 0) this.go(word, wider);
  }

  wholeSentence(here) {
    const [start, end] = this.sentences.find(([, to]) => to > this.words[here][0]) ?? [0, this.whole.length];
    this.anchor = this.words.findIndex(([at]) => at >= start);
    this.cursor = this.lastWord(end);
    this.choose(start, end);
  }

  /** What mouse or finger has selected. */
  take() {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return;
    const range = selection.getRangeAt(0);
    if (!this.text.contains(range.startContainer) || !this.text.contains(range.endContainer)) return;
    const before = document.createRange();
    before.selectNodeContents(this.text);
    before.setEnd(range.startContainer, range.startOffset);
    const start = before.toString().length;
    this.cursor = null;
    this.choose(start, start + range.toString().length);
  }

  choose(start, end) {
    while (start < end && /\s/.test(this.whole[start])) start += 1;
    while (end > start && /\s/.test(this.whole[end - 1])) end -= 1;
    if (start === end) return;
    const words = this.whole.slice(start, end), places = this.places(words);
    this.field.value = words;
    if (this.which) this.which.value = places.length > 1 ? places.indexOf(start) + 1 : "";
    this.status.textContent = `${this.status.dataset.chosen} ${words}`;
    this.field.dispatchEvent(new Event("change", { bubbles: true }));
    this.paint();
  }

  putBack() {
    [this.field.value] = this.before;
    if (this.which) [, this.which.value] = this.before;
    this.anchor = this.cursor = null;
    this.status.textContent = `${this.status.dataset.chosen} ${this.field.value}`;
    this.paint();
  }

  places(words) {
    const found = [];
    for (let at = this.whole.indexOf(words); words && at >= 0; at = this.whole.indexOf(words, at + 1)) found.push(at);
    return found;
  }

  chosen() {
    const words = this.field.value.replaceAll("\r\n", "\n"), places = this.places(words);
    const at = places[(Number(this.which?.value) || 1) - 1];
    return at === undefined ? null : [at, at + words.length];
  }

  /** Chosen words are marked without a change of the text, which a selection would not survive. */
  paint() {
    if (!window.CSS?.highlights) return;
    const chosen = this.chosen();
    if (chosen) painted.set(this.text, this.range(...chosen)); else painted.delete(this.text);
    CSS.highlights.set("chosen-words", new Highlight(...painted.values()));
    painted.get(this.text)?.startContainer.parentElement.scrollIntoView?.({ block: "nearest" });
  }

  range(start, end) {
    const range = document.createRange(), walk = document.createTreeWalker(this.text, NodeFilter.SHOW_TEXT);
    let at = 0;
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const next = at + node.length;
      if (start >= at && start < next) range.setStart(node, start - at);
      if (end > at && end <= next) { range.setEnd(node, end - at); break; }
      at = next;
    }
    return range;
  }
}

const clamp = (n, list) => Math.max(0, Math.min(list.length - 1, n));
