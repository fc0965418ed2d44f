// One stream of changes a tab. The server says what changed, not how: whoever may read it asks again.

/** Where changes come from; topics are those of workers/api/parts.py. */
const STREAM = "/api/v1/events/stream";
/** The key of a change whose name the reader may not know; and the topic of one that may be of any. */
const SOMETHING = "", ANY = "all";
/** Rows of a list's first page, and the most that one answer has: a list between them is renewed at its length. */
const FIRST_PAGE = 50, MOST_ROWS = 200;

/** Keys that changed since the last renewal, by topic: everything of a topic is renewed at most twice a second. */
const changed = new Map();
/** When a topic was renewed last: the first change after a pause is shown at once, with those that come with it. */
const last = new Map();
const PAUSE_MS = 500, LONGEST_PAUSE_MS = 10_000, TOGETHER_MS = 60;
/** A page that takes long is asked for less often: a fifth of the time is spent on it at most, however much changes. */
const SHARE = 4;
/** How long a tab may be hidden and keep its connection. */
const HIDDEN_MS = 2_000;
/** A cluster that falls silent tells nothing: what shows its age is renewed this often without being told. */
const AGES_MS = 15_000, AGING = "fleet";

const GONE = [403, 404];

let pause = PAUSE_MS;
let asked = 0;
document.addEventListener("htmx:after:swap", () => {
  if (asked) pause = Math.min(Math.max(PAUSE_MS, SHARE * (performance.now() - asked)), LONGEST_PAUSE_MS);
  asked = 0;
});

/** An answer without the part stays outside: a page is not emptied by what is gone, by an error, or by a login that ended. */
document.addEventListener("htmx:before:response", (event) => {
  const { raw, status } = event.detail.ctx.response;
  if (!event.target.matches?.("[data-topic]") || !(status >= 400 || raw.redirected)) return;
  event.preventDefault();
  asked = 0;
  if (raw.redirected) location.reload();
  else if (GONE.includes(status)) document.querySelector("[data-gone]").hidden = false;
});

function renew(topic, key) {
  if (!changed.has(topic)) {
    changed.set(topic, new Set());
    setTimeout(() => renewed(topic), Math.max(TOGETHER_MS, pause - (performance.now() - (last.get(topic) ?? -pause))));
  }
  changed.get(topic).add(key);
}

/** Whether somebody has opened a form or a reason in it. */
function inUse(one) {
  return one.querySelector("details.ask[open], details.refused[open]") !== null;
}

/** A list shows as many rows after it is renewed as before. False: it is longer than one answer. */
function kept(one) {
  const rows = one.querySelectorAll("tbody > tr:not(.more)").length;
  if (!one.matches(".list") || rows <= FIRST_PAGE) return true;
  if (rows > MOST_ROWS) return false;
  const address = new URL(one.getAttribute("hx-get"), location.href);
  address.searchParams.set("rows", rows);
  one.setAttribute("hx-get", address.pathname + address.search);
  return true;
}

function ask(one, topic) {
  asked ||= performance.now();
  one.dispatchEvent(new CustomEvent(`change-${topic}`));
}

/** Asks for the parts of the page that show what changed; those in use (an open form) come later. */
function renewed(topic) {
  const keys = changed.get(topic);
  changed.delete(topic);
  last.set(topic, performance.now());
  for (const one of document.querySelectorAll(`[data-topic~="${CSS.escape(topic)}"]`)) {
    if (one.dataset.of && !keys.has(one.dataset.of) && !keys.has(SOMETHING)) continue;
    if (inUse(one)) {
      for (const key of keys) renew(topic, key);
    } else if (kept(one)) {
      ask(one, topic);
    } else {
      one.classList.add("stale");
    }
  }
}

function age() {
  if (document.hidden) return;
  for (const one of document.querySelectorAll(`[data-topic~="${AGING}"]`)) if (!inUse(one) && kept(one)) ask(one, AGING);
}

function show(on) {
  for (const state of document.querySelectorAll("[data-live-state]")) {
    const text = state.querySelector("[data-live-text]");
    state.hidden = false;
    state.classList.toggle("on", on);
    text.textContent = on ? text.dataset.on : text.dataset.off;
  }
}

/** The last change that the page shows: at first the one that it was made after, so that none is missed before the stream opens. */
let seen = document.body.dataset.seen ?? "0";

/** The stream for the topics of the page. The browser connects again by itself and tells the last id. */
function open(topics) {
  const source = new EventSource(`${STREAM}?${new URLSearchParams([...topics.map((one) => ["topic", one]), ["after", seen]])}`);
  source.addEventListener("open", () => show(true));
  source.addEventListener("error", () => show(false));
  source.addEventListener("change", (event) => {
    const { topic, key } = JSON.parse(event.data);
    seen = event.lastEventId;
    for (const one of topic === ANY ? topics : [topic]) renew(one, topic === ANY ? SOMETHING : key);
  });
  return source;
}

/**
 * Follows the topics while the tab is seen: a browser has six connections to a server (HTTP/1.1), so hidden tabs give
 * theirs back, and go on from the last change that they have seen when they are seen again.
 */
export function connect(topics) {
  if (!topics.length) return;
  let source = open(topics);
  let closing = 0;
  if (topics.includes(AGING)) setInterval(age, AGES_MS);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(closing);
    if (document.hidden) {
      closing = setTimeout(() => { source.close(); show(false); }, HIDDEN_MS);
    } else if (source.readyState === EventSource.CLOSED) {
      source = open(topics);
    }
  });
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}
