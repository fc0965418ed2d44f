// What every page has: times in the reader's zone, cards that close, keys, and the stream of changes.
import { connect } from "./live.js";

const lang = document.documentElement.lang;
const whole = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "long" });
const relative = new Intl.RelativeTimeFormat(lang, { numeric: "always" });
const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** `3 minutes ago`, as the server wrote it. */
function ago(away) {
  const seconds = Math.abs(away) >= 1 ? away : -1;
  const [unit, size] = units.find(([, one]) => Math.abs(seconds) >= one) ?? units.at(-1);
  return relative.format(Math.round(seconds / size), unit);
}

const [days, hours, minutes, ones] = document.documentElement.dataset.units.split("|").map((unit) => (n) => unit.replace("{}", Math.floor(n)));

/** `3 min 20 s`, as `formats.duration` of the server. */
function duration(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return ones(s);
  if (s < 3600) return `${minutes(s / 60)} ${ones(s % 60)}`;
  if (s < 86400) return `${hours(s / 3600)} ${minutes((s % 3600) / 60)}`;
  return `${days(s / 86400)} ${hours((s % 86400) / 3600)}`;
}

function age() {
  const now = Date.now() / 1000;
  for (const one of document.querySelectorAll("time[data-ago]")) {
    const at = Date.parse(one.dateTime) / 1000;
    one.textContent = ago(at - now);
    one.title = whole.format(at * 1000);
  }
  for (const one of document.querySelectorAll("[data-since]")) one.textContent = duration(now - Number(one.dataset.since));
}

/** One open card at a time; Escape and a click elsewhere close it. */
function closeCards(except) {
  for (const one of document.querySelectorAll("details.ask[open], details.refused[open]")) {
    if (one !== except && !one.contains(except)) one.open = false;
  }
}

document.addEventListener("click", (event) => closeCards(event.target));
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("details.ask[open]")) event.target.querySelector("input:not([type=hidden]), button")?.focus();
}, true);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.activeElement?.closest("details[open]");
    closeCards(null);
    open?.querySelector("summary")?.focus();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
  const target = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]`)].at(-1); // a page's own before the frame's
  if (!target) return;
  event.preventDefault();
  target.matches("input:not([type=checkbox])") ? target.focus() : target.click();
});
document.addEventListener("submit", (event) => {
  // Pressed twice is sent once; the key of the form makes sure of it on the server, too.
  if (event.target.method === "post") for (const one of event.target.querySelectorAll("button[type=submit]")) setTimeout(() => (one.disabled = true));
});

document.addEventListener("htmx:after:swap", age);
age();
setInterval(age, 1000);
connect((document.body.dataset.live ?? "").split(" ").filter(Boolean));
