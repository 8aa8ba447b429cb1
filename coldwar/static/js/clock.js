// How long a quiz still takes, as the server has it. The device's clock is not asked what time it
// is: it may be wrong, in another zone, or set right meanwhile. Each save brings the server's word.

const out = document.querySelector("[data-left]");
const { label, over, see } = out.dataset;
const LONG = 6 * 3600; // seconds; what ends on another day needs no counting
const SAID_AT = [300, 60];
let left = Number(out.dataset.left);
let since = 0; // ms since this page was asked for
let shown = Infinity;

function twoDigits(number) {
  return String(number).padStart(2, "0");
}

function words(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const start = hours ? `${hours}:${twoDigits(minutes)}` : minutes;
  return `${label} ${start}:${twoDigits(seconds % 60)}`;
}

// Aloud too, and not for longer than it is true.
function say(text) {
  const status = document.getElementById("status");
  status.textContent = text;
  setTimeout(() => { if (status.textContent === text) status.textContent = ""; }, 8000);
}

function draw() {
  const seconds = Math.max(0, Math.ceil(left - (performance.now() - since) / 1000));
  if (seconds === shown || seconds > LONG) return;
  out.textContent = seconds ? words(seconds) : over;
  if (!seconds) {
    const link = document.createElement("a");
    link.href = location.pathname;
    link.textContent = see;
    out.append(" ", link);
  }
  if (!seconds || SAID_AT.some((limit) => seconds <= limit && limit < shown)) say(out.textContent);
  shown = seconds;
}

document.addEventListener("time-left", (event) => {
  [left, since] = [event.detail, performance.now()];
  draw();
});
setInterval(draw, 1000);
draw();
