// The editor of a definition: numbers beside the lines, marks where a remark is, and the way from a remark to its line.
const box = document.querySelector("[data-editor]");
const text = box.querySelector("textarea");
const gutter = box.querySelector("[data-gutter]");

function number() {
  const marks = new Map();
  for (const one of document.querySelectorAll("[data-line]")) {
    const kind = one.className.replace("remark-", "");
    if (kind === "error" || !marks.has(one.dataset.line)) marks.set(one.dataset.line, kind);
  }
  const count = text.value.split("\n").length;
  gutter.replaceChildren(...Array.from({ length: count }, (_, at) => {
    const kind = marks.get(String(at + 1));
    return Object.assign(document.createElement("li"), { textContent: at + 1, className: kind ? `mark-${kind}` : "" });
  }));
  follow();
}

/** The numbers scroll as the text does. */
const follow = () => (gutter.style.transform = `translateY(${-text.scrollTop}px)`);

function go(line) {
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  text.scrollTop = (line - 4) * Number.parseFloat(getComputedStyle(text).lineHeight);
}

text.addEventListener("input", number);
text.addEventListener("scroll", follow);
document.addEventListener("htmx:after:swap", number);
document.addEventListener("click", (event) => {
  if (event.target.matches("[data-go]")) go(Number(event.target.dataset.go));
});
number();
