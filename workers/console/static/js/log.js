// The log of a job or of a pod: a window over up to a million lines. Lines are asked for by number, so nothing is missed however
// often the connection is cut, and the page never holds more than some hundred of them.
import { pieces } from "./text.js";

const LINE = 20; // px, as log.css says
const CHUNK = 500; // lines a request
const KEPT = 24; // chunks in memory
const AROUND = 60; // lines drawn before and behind what is seen
const TALLEST = 8_000_000; // px: higher elements are cut off by browsers; beyond it, the scroll bar is a scale
const LONGEST = 2_000; // characters of a line that are drawn
const LOOK_MS = 1_000;

const box = document.getElementById("log");
const one = (name) => document.querySelector(`[data-log-${name}]`);
const url = (path, values) => `${box.dataset.source}${path}?${box.dataset.more}&${new URLSearchParams(values)}`;

const chunks = new Map(); // chunk number -> lines, or a promise of them; the one used last is the last
let total = Number(box.dataset.total);
let ended = Boolean(box.dataset.ended);
let follow = one("follow").checked;
let chosen = 0; // line of the address
let found = []; // lines of the search
let at = -1;
let needle = "";
let space, lines;

async function ask(path, values) {
  const answer = await fetch(url(path, values), { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).title ?? answer.statusText);
  return answer.json();
}

function show(error) {
  one("error").hidden = !error;
  one("error").textContent = error ? `${box.dataset.lost ?? ""} ${error.message}` : "";
}

/** Lines of a chunk if they are here; else they are asked for, and drawn when they come. */
function chunk(number) {
  const known = chunks.get(number);
  if (known) {
    chunks.delete(number);
    chunks.set(number, known);
    return Array.isArray(known) ? known : [];
  }
  const asked = ask("", { first: number * CHUNK + 1, limit: CHUNK }).then((part) => {
    show(null);
    chunks.set(number, part.lines);
    told(part);
    draw();
  }, (error) => {
    chunks.delete(number);
    show(error);
    setTimeout(draw, 2 * LOOK_MS);
  });
  chunks.set(number, asked);
  if (chunks.size > KEPT) chunks.delete(chunks.keys().next().value);
  return [];
}

function told(part) {
  ended = part.ended;
  if (part.total > total) {
    const last = Math.floor(total / CHUNK); // it was not full
    if (Array.isArray(chunks.get(last)) && chunks.get(last).length < CHUNK) chunks.delete(last);
    total = part.total;
  }
  one("count").textContent = one("count").dataset.text.replace("{all}", total.toLocaleString(document.documentElement.lang));
}

const height = () => Math.min(total * LINE, TALLEST);
const scale = () => (total * LINE > TALLEST ? (total * LINE - box.clientHeight) / (TALLEST - box.clientHeight) : 1);
/** Number of the first line that is seen, from 0. */
const top = () => Math.min(Math.max(0, Math.floor((box.scrollTop * scale()) / LINE)), Math.max(0, total - 1));

let frame = 0;
function draw() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    paint();
  });
}

function paint() {
  space.style.height = `${height()}px`;
  if (follow) box.scrollTop = height();
  const seen = Math.ceil(box.clientHeight / LINE);
  const from = Math.max(0, top() - AROUND);
  const to = Math.min(total, top() + seen + AROUND);
  const rows = [];
  for (let number = from; number < to; number += 1) rows.push(row(number));
  lines.replaceChildren(...rows);
  const offset = scale() === 1 ? from * LINE : box.scrollTop - (box.scrollTop * scale()) % LINE - (top() - from) * LINE;
  lines.style.transform = `translateY(${Math.max(0, offset)}px)`;
}

function row(index) {
  const line = chunk(Math.floor(index / CHUNK))[index % CHUNK];
  const element = document.createElement("div");
  element.className = `line line-${line?.stream ?? "none"}${index + 1 === chosen ? " here" : ""}`;
  const number = Object.assign(document.createElement("a"), { className: "ln", href: `#L${index + 1}`, tabIndex: -1, textContent: index + 1 });
  element.append(number);
  if (!line) return element;
  const time = Object.assign(document.createElement("span"), { className: "ts", textContent: new Date(line.at * 1000).toTimeString().slice(0, 8) });
  const text = Object.assign(document.createElement("span"), { className: "tx" });
  text.append(...pieces(line.text.slice(0, LONGEST), needle));
  if (line.text.length > LONGEST) text.append(Object.assign(document.createElement("span"), { className: "more", textContent: ` … +${line.text.length - LONGEST}` }));
  element.append(time, text);
  return element;
}

/** Brings a line into the middle. */
function go(number) {
  if (!total) return;
  setFollow(false);
  chosen = Math.min(Math.max(1, number), total);
  history.replaceState(null, "", `#L${chosen}`);
  box.scrollTop = ((chosen - 1) * LINE - box.clientHeight / 2) / scale();
  draw();
}

function setFollow(on) {
  follow = on;
  one("follow").checked = on;
  draw();
}

/** Asks for what came after the last line that is known, until the job has ended. */
async function look() {
  try {
    if (!document.hidden) {
      const part = await ask("", { first: total + 1, limit: 1 });
      const before = total;
      told(part);
      show(null);
      if (total > before) {
        if (!before) return location.reload();
        draw();
      }
    }
  } catch (error) {
    show(error);
  }
  if (!ended) setTimeout(look, LOOK_MS);
}

async function search(text) {
  needle = text;
  found = text ? await ask("/search", { text, limit: 1000 }) : [];
  at = -1;
  for (const name of ["next", "previous"]) one(name).disabled = !found.length;
  one("matches").textContent = text && !found.length ? one("matches").dataset.none : "";
  if (found.length) step(1);
  draw();
}

function step(by) {
  at = (at + by + found.length) % found.length;
  const { some, most } = one("matches").dataset;
  one("matches").textContent = (found.length === 1000 ? most : some).replace("{at}", at + 1).replace("{all}", found.length);
  go(found[at]);
}

function begin() {
  space = box.querySelector(".log-space");
  lines = box.querySelector(".log-lines");
  box.classList.add("live");
  space.style.height = `${height()}px`;
  let before = 0;
  box.addEventListener("scroll", () => {
    if (follow && box.scrollTop < before - 1) setFollow(false);
    else if (!ended && box.scrollTop + box.clientHeight >= height() - LINE && !follow && box.scrollTop > before) setFollow(true);
    before = box.scrollTop;
    draw();
  }, { passive: true });
  new ResizeObserver(draw).observe(box);
  lines.addEventListener("click", (event) => {
    if (!event.target.matches(".ln")) return;
    event.preventDefault();
    chosen = Number(event.target.textContent);
    history.replaceState(null, "", `#L${chosen}`);
    draw();
  });
  const wanted = /^#L(\d{1,9})$/.exec(location.hash);
  if (wanted) go(Number(wanted[1]));
  else {
    box.scrollTop = height();
    draw();
  }
}

one("times").addEventListener("change", (event) => box.classList.toggle("times", event.target.checked));
one("follow").addEventListener("change", (event) => setFollow(event.target.checked));
one("jump").addEventListener("submit", (event) => {
  event.preventDefault();
  go(Number(new FormData(event.target).get("line")));
});
one("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = String(new FormData(event.target).get("text")).trim();
  text === needle && found.length ? step(1) : search(text).catch(show);
});
one("next").addEventListener("click", () => step(1));
one("previous").addEventListener("click", () => step(-1));
addEventListener("hashchange", () => {
  const wanted = /^#L(\d{1,9})$/.exec(location.hash);
  if (wanted) go(Number(wanted[1]));
});
if (total) begin();
if (!ended) setTimeout(look, LOOK_MS);
