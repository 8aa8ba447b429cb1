// A form that takes long says so once it is sent, and is sent once.

const note = (form) => form.querySelector("[data-wait]");

document.addEventListener("submit", (event) => {
  const waiting = note(event.target);
  if (!waiting) return;
  if (waiting.textContent) event.preventDefault();
  else waiting.textContent = waiting.dataset.wait;
});

// The page may come back as it was left.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) if (note(form)) note(form).textContent = "";
});
