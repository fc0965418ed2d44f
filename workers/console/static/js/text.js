// Text of a job as nodes: colours of terminals as classes, and everything else that a terminal would act on, or that a
// reader could not see, as what it is (domain/core/terminal.py does the same for pages).

const SGR = /\x1b\[([0-9;:]{0,48})m/g;
const OTHER = /\x1b\[[0-?]{0,48}[ -/]{0,8}[@-~]|\x1b\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)/g;
const ODD = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]/g;

const shown = (text) => text.replace(ODD, (char) => {
  const code = char.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
});

/** The classes after a sequence of parameters. */
function styled(before, parameters) {
  const next = { ...before };
  for (const code of (parameters || "0").split(/[;:]/).map(Number)) {
    if (code === 0) for (const key of Object.keys(next)) delete next[key];
    else if (code === 1) next.bold = "cb";
    else if (code === 2) next.dim = "cd";
    else if (code === 22) { delete next.bold; delete next.dim; }
    else if (code === 39) delete next.colour;
    else if (code >= 30 && code <= 37) next.colour = `c${code - 30}`;
    else if (code >= 90 && code <= 97) next.colour = `c${code - 90}`;
    else if (code === 38 || code === 48) break; // 256 colours and more: not shown
  }
  return next;
}

/** Nodes of a line, with what is searched for marked. */
export function pieces(text, needle = "") {
  const nodes = [];
  let style = {};
  let last = 0;
  const clean = text.replace(OTHER, (all) => (all.endsWith("m") && all.startsWith("\x1b[") ? all : ""));
  const put = (part) => part && nodes.push(...marked(shown(part), needle).map((node) => dressed(node, style)));
  for (const match of clean.matchAll(SGR)) {
    put(clean.slice(last, match.index));
    style = styled(style, match[1]);
    last = match.index + match[0].length;
  }
  put(clean.slice(last));
  return nodes;
}

function dressed(node, style) {
  const names = Object.values(style);
  if (!names.length) return node;
  const span = Object.assign(document.createElement("span"), { className: names.join(" ") });
  span.append(node);
  return span;
}

function marked(text, needle) {
  if (!needle) return [document.createTextNode(text)];
  const nodes = [];
  const low = text.toLowerCase(), want = needle.toLowerCase();
  let last = 0;
  for (let at = low.indexOf(want); at >= 0 && low.length === text.length; at = low.indexOf(want, last)) {
    nodes.push(document.createTextNode(text.slice(last, at)), Object.assign(document.createElement("mark"), { textContent: text.slice(at, at + want.length) }));
    last = at + want.length;
  }
  nodes.push(document.createTextNode(text.slice(last)));
  return nodes;
}
