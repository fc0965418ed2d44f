// A terminal on a page: without the powers that its output could use, and without an inline style.
import { Terminal } from "../vendor/xterm.js";
import { FitAddon } from "../vendor/xterm-addon-fit.js";

// Titles, colours, links, the clipboard, and what programs of other terminals do with OSC: the server leaves all of
// them out, and here nothing acts on them either.
const OSC = [0, 1, 2, 4, 7, 8, 9, 10, 11, 12, 22, 50, 52, 104, 110, 111, 112, 133, 633, 777, 1337];

const make = document.createElement.bind(document);

/** In the place of a style element, which the policy of contents refuses: a sheet that a script fills. */
function sheet() {
  const rules = new CSSStyleSheet();
  document.adoptedStyleSheets.push(rules);
  return Object.defineProperty(make("template"), "textContent", { set: (text) => rules.replaceSync(text) });
}

function setAttribute(name, value) {
  if (name === "style") this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}

// xterm makes its elements by the page's document, whatever document it is given.
document.createElement = (name, ...rest) => (name === "style" ? sheet() : Object.assign(make(name, ...rest), { setAttribute }));

/** A colour token as this theme resolves it. */
function resolved(name) {
  const probe = Object.assign(document.createElement("span"), { hidden: true });
  document.body.append(probe);
  probe.style.color = `var(${name})`;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

const theme = () => ({
  background: resolved("--bg-sunk"),
  foreground: resolved("--text"),
  cursor: resolved("--accent"),
  cursorAccent: resolved("--bg-sunk"),
  selectionBackground: resolved("--accent-soft"),
  red: resolved("--bad"),
  green: resolved("--good"),
  yellow: resolved("--wait"),
  blue: resolved("--run"),
});

/** A terminal in an element. `size`: columns and rows; without them it fills the element. */
export function open(element, { size = null, input = true } = {}) {
  const terminal = new Terminal({
    ...(size && { cols: size[0], rows: size[1] }),
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
    fontSize: 13,
    minimumContrastRatio: 4.5,
    disableStdin: !input,
    cursorBlink: false,
    scrollback: 5000,
    theme: theme(),
    linkHandler: { activate: () => {} },
  });
  for (const one of OSC) terminal.parser.registerOscHandler(one, () => true);
  terminal.parser.registerCsiHandler({ final: "t" }, () => true);
  terminal.open(element);
  terminal.textarea.setAttribute("aria-label", element.dataset.label);
  const described = element.getAttribute("aria-describedby");
  if (described) terminal.textarea.setAttribute("aria-describedby", described);
  if (!input) terminal.textarea.tabIndex = -1;
  if (!size) fill(terminal, element);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (terminal.options.theme = theme()));
  return terminal;
}

function fill(terminal, element) {
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  fit.fit();
  new ResizeObserver(() => fit.fit()).observe(element);
}
