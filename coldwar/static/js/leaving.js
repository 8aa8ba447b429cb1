// On forms of content: ask before leaving a page whose words are not saved.

const form = document.getElementById("this-change")?.closest("form");

function typed() {
  return JSON.stringify([...new FormData(form)].filter(([, value]) => typeof value === "string"));
}

if (form) {
  // A form that came back with what was typed is unsaved from the start.
  const returned = document.querySelector("#this-change[data-typed]") !== null;
  let first = null;
  let sending = false;
  // After Django's own scripts have put their widgets in order.
  window.addEventListener("load", () => { first = typed(); });
  form.addEventListener("submit", () => { sending = true; });
  window.addEventListener("pageshow", () => { sending = false; });
  window.addEventListener("beforeunload", (event) => {
    if (!sending && (returned || (first !== null && typed() !== first))) event.preventDefault();
  });
  // What is wrong is read first.
  const told = document.getElementById("conflicts-heading") ?? document.querySelector(".errornote");
  if (returned && told) {
    told.tabIndex = -1;
    told.focus();
  }
}
