// Counts the words of a text while it is written, as the server does when it is handed in.

function count(text) {
  return text.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches("textarea.counted")) return;
  const output = document.getElementById(target.id.replace(/text$/, "count"));
  // The server's words stay, which are translated; only their number changes.
  if (output) output.textContent = output.textContent.replace(/\d+/, String(count(target.value)));
});
