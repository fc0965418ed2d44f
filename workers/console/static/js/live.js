// One stream of changes a tab. The server says what changed, not how: whoever may read it asks again.

/** Where changes come from; topics are those of workers/api/parts.py. */
const STREAM = "/api/v1/events/stream";
/** The key of a change whose name the reader may not know; and the topic of one that may be of any. */
const SOMETHING = "", ANY = "all";
/** Rows of a list's first page, with the row that leads to more: a longer list is not renewed under the reader. */
const FIRST_PAGE = 51;

/** Keys that changed since the last renewal, by topic: everything of a topic is renewed at most twice a second. */
const changed = new Map();
const PAUSE_MS = 500;
/** How long a tab may be hidden and keep its connection. */
const HIDDEN_MS = 2_000;

function renew(topic, key) {
  if (!changed.has(topic)) {
    changed.set(topic, new Set());
    setTimeout(() => renewed(topic), PAUSE_MS);
  }
  changed.get(topic).add(key);
}

/** Asks for the parts of the page that show what changed; those in use (an open form) come later. */
function renewed(topic) {
  const keys = changed.get(topic);
  changed.delete(topic);
  for (const one of document.querySelectorAll(`[data-topic~="${CSS.escape(topic)}"]`)) {
    if (one.dataset.of && !keys.has(one.dataset.of) && !keys.has(SOMETHING)) continue;
    if (one.querySelector("details.ask[open]")) {
      for (const key of keys) renew(topic, key);
    } else if (one.matches(".list") && one.querySelectorAll("tbody > tr").length > FIRST_PAGE) {
      one.classList.add("stale");
    } else {
      one.dispatchEvent(new CustomEvent(`change-${topic}`));
    }
  }
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
