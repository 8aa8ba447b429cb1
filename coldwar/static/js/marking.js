// Marking by keyboard: a number chooses the level of the criterion one is at (else of the first
// without one). Single keys are off where the reader turned them off (WCAG 2.1.4, keys.js).

const form = document.getElementById("mark");
const off = document.getElementById("shortcuts-off");
const dialog = document.getElementById("shortcuts");

function criterion() {
  const groups = [...form.querySelectorAll("[data-levels]")];
  const here = groups.find((group) => group.contains(document.activeElement));
  return here ?? groups.find((group) => !group.querySelector(":checked")) ?? groups[0];
}

document.addEventListener("keydown", (event) => {
  if (!form || off.checked || dialog.open) return;
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[1-9]$/.test(event.key)) return;
  if (event.target.closest("textarea, select, input:not([type=radio]), [contenteditable]")) return;
  const level = criterion()?.querySelectorAll("[type=radio]")[Number(event.key) - 1];
  if (!level) return;
  event.preventDefault();
  level.checked = true;
  level.focus();
});

// A kept comment goes into the text without a way to the server and back.
form?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pick]");
  if (!button) return;
  event.preventDefault();
  const field = form.elements.comment;
  const text = document.getElementById(button.dataset.pick).textContent;
  field.value = `${field.value.trimEnd()}\n${text}`.trim();
  field.focus();
});
