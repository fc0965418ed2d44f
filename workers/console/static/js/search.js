// The field of the header: what it finds as you type is walked by arrows, and closed by Escape or by leaving it.
const form = document.querySelector("form.jump");
const field = form?.querySelector("input[type=search]");
const found = form?.querySelector(".found");

/** A step through what was found; before the first and after the last one is the field itself. */
function step(by) {
  const links = [...found.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement) + by;
  (at === -2 ? links.at(-1) : links[at] ?? field)?.focus();
}

form?.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    step(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Escape" && found.childElementCount) {
    event.preventDefault();
    found.replaceChildren();
    field.focus();
  }
});
form?.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || found.replaceChildren());
field?.addEventListener("input", () => field.value.trim() || found.replaceChildren());
// An answer that comes after the reader has left is not shown.
form?.addEventListener("htmx:after:swap", () => {
  if (!form.contains(document.activeElement)) found.replaceChildren();
  document.querySelector("[data-announce]").textContent = found.querySelector("p")?.textContent ?? "";
});
