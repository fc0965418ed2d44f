// Plays a recording (asciicast, version 2) in a terminal that takes no input. Waits are cut to two seconds.
import { open } from "./terminal.js";

const LONGEST_WAIT = 2;
const MOST_SIDE = 400;
const place = document.querySelector("[data-player]");
const find = (name) => place.querySelector(`[data-player-${name}]`);
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const side = (value, otherwise) => (Number.isInteger(value) && value > 0 ? Math.min(value, MOST_SIDE) : otherwise);

/** Its size, and its events with times from the beginning. */
function read(text) {
  const [head, ...lines] = text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  let at = 0, before = 0;
  const events = lines.filter(([, kind]) => "orm".includes(kind)).map(([time, kind, data]) => {
    at += Math.min(Math.max(time - before, 0), LONGEST_WAIT);
    before = time;
    return { at, kind, data: String(data) };
  });
  return { size: [side(head.width, 80), side(head.height, 24)], events };
}

class Player {
  constructor({ size, events }) {
    this.size = size;
    this.events = events;
    this.terminal = open(place.querySelector("[data-terminal-screen]"), { size, input: false });
    this.length = events.at(-1)?.at ?? 0;
    this.next = 0;
    this.now = 0;
    this.last = 0;
    this.playing = false;
    find("seek").max = this.length;
    find("seek").oninput = () => this.seek(Number(find("seek").value));
    find("play").onclick = () => this.toggle();
    find("play").disabled = false;
    this.seek(this.length);
  }

  toggle() {
    if (!this.playing && this.next >= this.events.length) this.seek(0);
    this.playing = !this.playing;
    this.last = performance.now();
    this.told();
    if (this.playing) requestAnimationFrame((at) => this.step(at));
  }

  step(at) {
    if (!this.playing) return;
    this.now += (Math.max(at - this.last, 0) / 1000) * Number(find("speed").value);
    this.last = at;
    this.show();
    if (this.next >= this.events.length) this.playing = false;
    this.told();
    if (this.playing) requestAnimationFrame((then) => this.step(then));
  }

  seek(to) {
    if (to < this.now) {
      this.terminal.reset();
      this.terminal.resize(...this.size);
      this.next = 0;
    }
    this.now = to;
    this.show();
    this.told();
  }

  show() {
    for (; this.next < this.events.length && this.events[this.next].at <= this.now; this.next++) this.act(this.events[this.next]);
  }

  act({ kind, data }) {
    if (kind === "o") this.terminal.write(data);
    if (kind === "r") this.terminal.resize(...data.split("x").map((one, index) => side(Number(one), this.size[index])));
    if (kind === "m") this.terminal.write(`\r\n\x1b[7m ${data.replace(/[\x00-\x1f\x7f-\x9f]/g, "?")} \x1b[0m`);
  }

  told() {
    find("seek").value = this.now;
    find("time").textContent = `${clock(Math.min(this.now, this.length))} / ${clock(this.length)}`;
    find("play").textContent = this.playing ? find("play").dataset.playing : find("play").dataset.paused;
  }
}

try {
  const answer = await fetch(place.dataset.player);
  if (!answer.ok) throw new Error((await answer.json()).title);
  new Player(read(await answer.text()));
} catch (problem) {
  find("error").textContent = problem.message;
  find("error").hidden = false;
}
