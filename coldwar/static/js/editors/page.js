// What improves the editors' forms. Each form works without it.
import { chooseWords } from "./words.js";
import { orderRows } from "./ordering.js";
import { livePreview } from "./preview.js";

/** Links from the summary to the fields that were refused; the summary takes focus. */
function summarise(box) {
  const list = box.querySelector("ul");
  for (const errors of document.querySelectorAll(".errorlist")) {
    if (errors.closest("[data-errors]")) continue;
    const row = errors.closest(".form-row, td, .inline-group") ?? errors.parentElement;
    const field = row.querySelector(":is(input, select, textarea):not([type=hidden])");
    for (const error of errors.children) {
      const item = document.createElement("li");
      const label = field && (document.querySelector(`label[for="${field.id}"]`)?.textContent ?? field.getAttribute("aria-label"));
      const words = label ? `${label.replace(/:\s*$/, "")}: ${error.textContent}` : error.textContent;
      if (field?.id && !errors.classList.contains("nonfield")) {
        const link = document.createElement("a");
        link.href = `#${field.id}`;
        link.textContent = words;
        link.addEventListener("click", (event) => { event.preventDefault(); open(field); field.focus(); });
        item.append(link);
        field.setAttribute("aria-invalid", "true");
      } else item.textContent = words;
      list.append(item);
    }
  }
  box.hidden = false;
  box.focus();
}

/** A field inside a folded part is shown before it takes focus. */
function open(field) {
  for (let part = field.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
}

/** Names for the fields of tables, whose labels stand only in the head of a column. */
function nameCells(root) {
  for (const head of root.querySelectorAll("th.original:empty")) {
    const name = document.createElement("span");
    name.className = "visually-hidden";
    name.textContent = document.getElementById("editor-words")?.dataset.row ?? "";
    head.append(name);
  }
  // The column of what can be deleted, where nothing can.
  for (const head of root.querySelectorAll(".tabular th:empty")) head.replaceWith(document.createElement("td"));
  for (const field of root.querySelectorAll(".tabular td :is(input, select, textarea):not([type=hidden])")) {
    const cell = field.closest("td"), table = cell.closest("table");
    const head = table.tHead?.rows[0]?.cells[cell.cellIndex];
    if (head && !field.labels?.length && !field.hasAttribute("aria-label")) field.setAttribute("aria-label", head.textContent.trim());
  }
}

// Where a row of passages, options or steps was added by the page, focus goes to its first field.
document.addEventListener("formset:added", (event) => {
  nameCells(event.target.closest(".inline-group") ?? document);
  event.target.querySelectorAll("[data-words]").forEach(chooseWords);
  setTimeout(() => autocompletes(event.target).forEach(nameAutocomplete));
  event.target.querySelector(":is(input, select, textarea):not([type=hidden], [disabled])")?.focus();
});

/** What the autocomplete fields of Django's admin leave out: their names, for screen readers. */
function nameAutocomplete(select) {
  const label = document.querySelector(`label[for="${select.id}"]`);
  const name = label?.textContent.replace(/:\s*$/, "").trim() ?? select.getAttribute("aria-label") ?? "";
  const box = select.nextElementSibling;
  if (!box?.classList.contains("select2-container")) return;
  const shown = box.querySelector(".select2-selection"), rendered = box.querySelector(".select2-selection__rendered");
  if (label) label.id ||= `${select.id}_label`;
  if (label && rendered?.id) shown.setAttribute("aria-labelledby", `${label.id} ${rendered.id}`);
  else { shown.removeAttribute("aria-labelledby"); shown.setAttribute("aria-label", name); }
  if (rendered && !select.multiple) for (const attribute of ["role", "aria-readonly"]) rendered.removeAttribute(attribute);
  box.querySelector(".select2-search__field")?.setAttribute("aria-label", name);
}

const autocompletes = (root) => root.querySelectorAll("select.admin-autocomplete:not([name*=__prefix__])");

// A cross inside the list of what is chosen would be no item of it; each has one of its own.
for (const select of autocompletes(document)) if (select.multiple) select.dataset.allowClear = "false";
window.addEventListener("load", () => {
  autocompletes(document).forEach(nameAutocomplete);
  window.django?.jQuery(document).on("select2:open", (event) => {
    const field = [...document.querySelectorAll(".select2-container--open .select2-search__field")].at(-1);
    field?.setAttribute("aria-label", document.querySelector(`label[for="${event.target.id}"]`)?.textContent.replace(/:\s*$/, "") ?? "");
    field?.focus();
  }).on("change", "select.admin-autocomplete", (event) => nameAutocomplete(event.target));
});

nameCells(document);
document.querySelectorAll("[data-words]").forEach((box) => { if (!box.closest(".empty-form")) chooseWords(box); });
document.querySelectorAll(".inline-group").forEach(orderRows);
document.querySelectorAll("[data-preview]").forEach(livePreview);
document.querySelectorAll("[data-errors]").forEach(summarise);
