// Rows of a form are moved by buttons or dragged; their numbers, which are what is saved, follow.

const FIELDS = ["order", "position", "rank"];

export function orderRows(group) {
  const prefix = group.id.replace(/-group$/, "");
  const said = document.getElementById("editor-words")?.dataset;
  const empty = group.querySelector(".empty-form");
  const name = FIELDS.find((field) => (empty ?? group).querySelector(`[name^="${prefix}-"][name$="-${field}"]`));
  if (!name || !said) return;
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  group.append(status);

  // Around a table's rows stands an element with the same class as a row of the other kind has.
  const isRow = (row) => !row.classList.contains("tabular");
  const number = (row) => row.querySelector(`input[name^="${prefix}-"][name$="-${name}"]`);
  const rows = () => [...group.querySelectorAll(".inline-related, tr.form-row")].filter((row) => isRow(row) && number(row) && !row.classList.contains("empty-form"));

  const renumber = (moved) => {
    const all = rows(), values = all.map((row) => Number(number(row).value)).filter((value) => value > 0).sort((a, b) => a - b);
    const usable = values.length === all.length && new Set(values).size === values.length;
    all.forEach((row, n) => { number(row).value = usable ? values[n] : n + 1; number(row).dispatchEvent(new Event("change", { bubbles: true })); });
    status.textContent = said.moved.replace("%(place)s", all.indexOf(moved) + 1).replace("%(all)s", all.length);
  };

  const move = (row, step, button) => {
    const all = rows(), other = all[all.indexOf(row) + step];
    if (!other) return;
    // The other row is moved, so that the button keeps its focus.
    if (step < 0) row.after(other); else row.before(other);
    renumber(row);
    button.focus();
  };

  const equip = (row) => {
    const field = number(row);
    if (!field || row.dataset.moves || row.classList.contains("empty-form")) return;
    row.dataset.moves = "yes";
    const box = document.createElement("span");
    box.className = "moves";
    for (const [step, words, sign] of [[-1, said.up, "↑"], [1, said.down, "↓"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = sign;
      button.title = words;
      button.setAttribute("aria-label", words);
      button.addEventListener("click", () => move(row, step, button));
      box.append(button);
    }
    const handle = document.createElement("span");
    handle.className = "drag";
    handle.draggable = true;
    handle.title = said.drag;
    handle.setAttribute("aria-hidden", "true");
    handle.textContent = "⠿";
    handle.addEventListener("dragstart", (event) => {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      group.dragged = row;
      row.classList.add("dragged");
    });
    handle.addEventListener("dragend", () => { row.classList.remove("dragged"); if (group.dragged) renumber(row); group.dragged = null; });
    box.append(handle);
    field.after(box);
  };

  group.addEventListener("dragover", (event) => {
    const row = event.target.closest("tr.form-row, .inline-related:not(.tabular)");
    if (!group.dragged || !row || row === group.dragged || !rows().includes(row)) return;
    event.preventDefault();
    const middle = row.getBoundingClientRect();
    if (event.clientY < middle.top + middle.height / 2) row.before(group.dragged); else row.after(group.dragged);
  });
  group.addEventListener("drop", (event) => { if (group.dragged) event.preventDefault(); });
  document.addEventListener("formset:added", (event) => {
    if (!group.contains(event.target)) return;
    equip(event.target);
  });
  rows().forEach(equip);
}
