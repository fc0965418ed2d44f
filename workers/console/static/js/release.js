// The plots of a release: its weight and both error rates. The numbers stand in the page, and come new with it.
const { uPlot } = globalThis;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
/** A colour token as this theme resolves it: canvases know no light-dark(). */
function resolved(name) {
  const probe = Object.assign(document.createElement("span"), { hidden: true });
  document.body.append(probe);
  probe.style.color = `var(${name})`;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found || colour(name);
}

const HEIGHT = 200;
/** Between two times of an axis: whole seconds, since it shows no less. */
const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400];
const data = () => JSON.parse(document.getElementById("ticks").dataset.ticks);
const columns = { weight: ([at, percent]) => [at, percent], errors: ([at, , canary, stable]) => [at, canary, stable] };
const plots = [];

/** Times of an axis: with seconds where it is short. */
function clock(at) {
  const short = at.at(-1) - at[0] < 600;
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...(short && { second: "2-digit" }) });
  return (one) => format.format(one * 1000);
}

function axis() {
  const soft = resolved("--text-soft"), line = resolved("--line");
  return { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "12px system-ui", size: 44 };
}

function series(kind, labels) {
  const accent = resolved("--accent"), soft = resolved("--text-soft");
  const lines = [{ label: labels[1], stroke: accent, width: 2, fill: kind === "weight" ? resolved("--accent-soft") : undefined }];
  if (kind === "errors") lines.push({ label: labels[2], stroke: soft, width: 1.5, dash: [5, 4] });
  return [{ label: labels[0] }, ...lines].map((one) => ({ ...one, points: { show: false } }));
}

function plot(element) {
  const kind = element.dataset.plot;
  const top = kind === "weight" ? [0, 100] : (_, low, high) => [0, Math.max(1, high * 1.15)];
  const options = {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { y: false, points: { show: false } },
    legend: { live: true },
    scales: { y: { range: top } },
    axes: [{ ...axis(), size: 28, space: 72, incrs: SECONDS, values: (_, at) => at.map(clock(at)) }, axis()],
    series: series(kind, element.dataset.labels.split("|")),
  };
  element.replaceChildren();
  const made = new uPlot(options, columns[kind](data()), element);
  plots.push({ made, element, kind });
}

function all() {
  for (const { made } of plots.splice(0)) made.destroy();
  for (const element of document.querySelectorAll("[data-plot]")) plot(element);
}

if (document.querySelector("[data-plot]")) {
  all();
  document.addEventListener("htmx:after:swap", () => {
    for (const { made, kind } of plots) made.setData(columns[kind](data()));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  new ResizeObserver(() => {
    for (const { made, element } of plots) if (element.clientWidth) made.setSize({ width: element.clientWidth, height: HEIGHT });
  }).observe(document.querySelector("[data-plot]"));
}
