// One stream of changes a tab. The server says what changed, not how: whoever may read it asks again.

/** Where changes come from; topics are those of workers/api/parts.py. */
const STREAM = "/api/v1/events/stream";

/** Listeners of modules: `on("runs", (key) => …)`. */
const listeners = new Map();

export function on(topic, call) {
  listeners.set(topic, [...(listeners.get(topic) ?? []), call]);
}

/** Renews every list of a topic, at most once in half a second. */
const waiting = new Map();
function renew(topic) {
  if (waiting.has(topic)) return;
  waiting.set(topic, setTimeout(() => {
    waiting.delete(topic);
    for (const one of document.querySelectorAll(`[data-topic~="${CSS.escape(topic)}"]`)) {
      one.dispatchEvent(new CustomEvent(`change-${topic}`));
    }
  }, 500));
}

function show(on) {
  for (const state of document.querySelectorAll("[data-live-state]")) {
    const text = state.querySelector("[data-live-text]");
    state.hidden = false;
    state.classList.toggle("on", on);
    text.textContent = on ? text.dataset.on : text.dataset.off;
  }
}

/** Opens the stream for the topics of the page. The browser connects again by itself and tells the last id. */
export function connect(topics) {
  if (!topics.length) return;
  const source = new EventSource(`${STREAM}?${new URLSearchParams(topics.map((one) => ["topic", one]))}`);
  source.addEventListener("open", () => show(true));
  source.addEventListener("error", () => show(false));
  source.addEventListener("change", (event) => {
    const change = JSON.parse(event.data);
    for (const call of listeners.get(change.topic) ?? []) call(change.key);
    renew(change.topic);
  });
  addEventListener("pagehide", () => source.close());
}
