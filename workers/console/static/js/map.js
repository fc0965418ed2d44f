// A map is made larger and smaller, and drawn about with the mouse; without this it scrolls. Arrows scroll it anyway.
const LEAST = 0.1, MOST = 4;
let scale = 1;
let held = null;

const map = () => document.querySelector(".map");
const drawing = () => document.querySelector("[data-map]");
const box = () => drawing()?.viewBox.baseVal;

/** Shows the drawing in its present size; what stands at `x`, `y` of the region stays there. */
function show(next, x = map().clientWidth / 2, y = map().clientHeight / 2) {
  const region = map(), before = scale;
  scale = Math.min(MOST, Math.max(LEAST, next));
  const left = (region.scrollLeft + x) / before, top = (region.scrollTop + y) / before;
  drawing().setAttribute("width", Math.round(box().width * scale));
  drawing().setAttribute("height", Math.round(box().height * scale));
  region.scrollTo(left * scale - x, top * scale - y);
}

/** The size in which all of it is seen, and never larger than it was drawn. */
const whole = () => Math.min(1, map().clientWidth / box().width, Math.max(map().clientHeight, 320) / box().height);

document.addEventListener("click", (event) => {
  const by = event.target.closest?.("[data-zoom]")?.dataset.zoom;
  if (by && map()) show(Number(by) ? scale * Number(by) : whole());
});

document.addEventListener("wheel", (event) => {
  const region = event.target.closest?.(".map");
  if (!region || !event.ctrlKey) return;
  event.preventDefault();
  const at = region.getBoundingClientRect();
  show(scale * (event.deltaY < 0 ? 1.1 : 1 / 1.1), event.clientX - at.left, event.clientY - at.top);
}, { passive: false });

document.addEventListener("pointerdown", (event) => {
  const region = event.target.closest?.(".map");
  if (region && event.button === 0 && event.pointerType === "mouse") held = { region, x: event.clientX, y: event.clientY, moved: false };
});
document.addEventListener("pointermove", (event) => {
  if (!held) return;
  const { region, x, y } = held;
  held.moved ||= Math.hypot(event.clientX - x, event.clientY - y) > 4;
  if (!held.moved) return;
  region.classList.add("moves");
  region.scrollBy(held.x - event.clientX, held.y - event.clientY);
  Object.assign(held, { x: event.clientX, y: event.clientY });
});
document.addEventListener("pointerup", () => {
  held?.region.classList.remove("moves");
  const moved = held?.moved;
  held = null;
  // A box under the mouse was drawn about, not chosen.
  if (moved) document.addEventListener("click", (event) => event.preventDefault(), { capture: true, once: true });
});
document.addEventListener("dragstart", (event) => event.target.closest?.(".map") && event.preventDefault());
document.addEventListener("htmx:after:swap", () => scale !== 1 && drawing() && show(scale));
