// A new exec session: asks for a ticket, and opens the terminal with it. workers/remote/exec_wire.py has the messages.
import { ask, say } from "./keys.js";
import { open } from "./terminal.js";

const FRAME = 60_000;
const KEPT = "sluiceway-exec";
const READER = "sluiceway-screen-reader";
const form = document.querySelector("form[data-exec]");
const place = document.querySelector("[data-terminal]");
const find = (name) => place.querySelector(`[data-terminal-${name}]`);
const state = (name, more = "") => (find("state").textContent = find("state").dataset[name] + more);
const encoder = new TextEncoder();

function* parts(bytes) {
  for (let at = 0; at < bytes.length; at += FRAME) yield bytes.subarray(at, at + FRAME);
}

/** Input of the command: its channel is 0. */
function send(socket, bytes) {
  if (socket.readyState !== WebSocket.OPEN) return;
  for (const part of parts(bytes)) socket.send(Uint8Array.of(0, ...part));
}

function connect(ticket, terminal) {
  const socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}/api/v1/exec/stream`);
  socket.binaryType = "arraybuffer";
  let ended = "";
  socket.onopen = () => socket.send(JSON.stringify({ ticket, size: [terminal.cols, terminal.rows] }));
  socket.onmessage = ({ data }) => {
    if (typeof data !== "string") return terminal.write(new Uint8Array(data).subarray(1));
    const said = JSON.parse(data);
    if (said.ready) begun(said.ready);
    if (said.end) ended = said.end.code === null ? said.end.why : `${said.end.why} (${said.end.code})`;
    if (said.problem) ended = [said.problem.title, said.problem.detail].filter(Boolean).join(": ");
  };
  socket.onclose = () => over(terminal, ended || find("state").dataset.closed);
  terminal.onData((text) => send(socket, encoder.encode(text)));
  terminal.onBinary((text) => send(socket, Uint8Array.from(text, (one) => one.charCodeAt(0))));
  terminal.onResize(({ cols, rows }) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify({ size: [cols, rows] })));
  find("end").onclick = () => socket.close(1000);
}

function begun(id) {
  state("open");
  find("record").href = `/exec/${encodeURIComponent(id)}`;
}

function over(terminal, why) {
  state("ended", `: ${why}`);
  terminal.write(`\r\n\x1b[7m ${why.replace(/[\x00-\x1f\x7f-\x9f]/g, "?")} \x1b[0m\r\n`);
  terminal.options.disableStdin = true;
  find("end").hidden = true;
  find("record").hidden = !find("record").href;
  find("again").hidden = false;
}

/** Shift and Escape leave it: every other key is the program's. */
function leave(event) {
  if (event.key !== "Escape" || !event.shiftKey) return true;
  if (event.type === "keydown") [find("end"), find("again")].find((one) => !one.hidden).focus();
  event.preventDefault();
  return false;
}

function shown() {
  form.hidden = true;
  place.hidden = false;
  state("opening");
  const terminal = open(find("screen"));
  terminal.attachCustomKeyEventHandler(leave);
  const reader = find("reader");
  reader.checked = localStorage.getItem(READER) === "yes";
  const set = () => {
    terminal.options.screenReaderMode = reader.checked;
    localStorage.setItem(READER, reader.checked ? "yes" : "no");
  };
  reader.onchange = set;
  set();
  terminal.focus();
  return terminal;
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  const { command, ...wanted } = Object.fromEntries(new FormData(form));
  const button = form.querySelector("[type=submit]");
  button.disabled = true; // a ticket opens one session, and the page has one terminal
  try {
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const ticket = await ask("/api/v1/exec/sessions", { ...wanted, command: command.split(/\s+/).filter(Boolean) }, "POST", key);
    connect(ticket.secret, shown());
  } catch (problem) {
    if (problem.code !== "SLW411") return say(problem);
    sessionStorage.setItem(KEPT, JSON.stringify({ command, ...wanted }));
    location.assign(`/login/step-up?next=${encodeURIComponent("/exec/new")}`);
  } finally {
    button.disabled = false;
  }
});

// What was typed before the second factor was asked for.
const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
sessionStorage.removeItem(KEPT);
if (form) for (const [name, value] of Object.entries(kept)) if (form.elements[name]) form.elements[name].value = value;
