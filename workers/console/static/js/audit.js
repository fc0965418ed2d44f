// The audit is verified here, with the key that this browser saw first: what a server says of itself proves nothing.
// Hashes and proofs: RFC 6962 (2.1), checked as RFC 9162 says (2.1.3.2, 2.1.4.2). Notes: C2SP tlog-checkpoint, signed-note.

const SEEN = "sluiceway-audit";
const utf8 = new TextEncoder();
const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
const base64 = (data) => btoa(String.fromCharCode(...data));
const half = (number) => Math.floor(number / 2);

async function sha256(...parts) {
  const all = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of parts) { all.set(one, at); at += one.length; }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}
const leafHash = (leaf) => sha256([0], utf8.encode(leaf));
const above = (left, right) => sha256([1], left, right);
const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

/** Whether a leaf has this number in the tree of a root. */
export async function includes(leaf, seq, size, proof, root) {
  if (!(seq >= 0 && seq < size)) return false;
  let position = seq, last = size - 1, found = leaf;
  for (const one of proof) {
    if (last === 0) return false;
    if (position % 2 || position === last) {
      found = await above(one, found);
      while (position % 2 === 0 && position) { position = half(position); last = half(last); }
    } else found = await above(found, one);
    position = half(position); last = half(last);
  }
  return last === 0 && same(found, root);
}

/** Whether the tree of `size` begins with all leaves of the older one. */
export async function continues(old, oldRoot, size, root, proof) {
  if (!(old > 0 && old <= size)) return false;
  if (old === size) return !proof.length && same(oldRoot, root);
  let rest = old;
  while (rest % 2 === 0) rest = half(rest);
  const path = rest === 1 ? [oldRoot, ...proof] : [...proof];
  if (!path.length) return false;
  let position = old - 1, last = size - 1;
  while (position % 2) { position = half(position); last = half(last); }
  let older = path[0], newer = path[0];
  for (const one of path.slice(1)) {
    if (last === 0) return false;
    if (position % 2 || position === last) {
      older = await above(one, older);
      newer = await above(one, newer);
      while (position % 2 === 0 && position) { position = half(position); last = half(last); }
    } else newer = await above(newer, one);
    position = half(position); last = half(last);
  }
  return last === 0 && same(older, oldRoot) && same(newer, root);
}

/** What a note says, if this key has signed it: `signed` is null where the browser knows no ed25519. */
async function read(note, key) {
  const [said, signatures] = note.split("\n\n");
  const [origin, size, root] = said.split("\n");
  const [name, id, ...packed] = key.split("+");
  const line = signatures.split("\n").find((one) => one.startsWith(`\u2014 ${origin} `));
  const signature = bytes(line.split(" ")[2]);
  const hex = Array.from(signature.slice(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const head = { size: Number(size), root: bytes(root), signed: false };
  if (name !== origin || hex !== id) return head;
  try {
    const raw = bytes(packed.join("+")).slice(1);
    const imported = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    head.signed = await crypto.subtle.verify("Ed25519", imported, signature.slice(4), utf8.encode(`${said}\n`));
  } catch (error) {
    if (error.name !== "NotSupportedError") throw error;
    head.signed = null;
  }
  return head;
}

/** `first`, `continues`, `unsigned` or `broken`; what is fine is remembered. */
async function compared(checkpoint) {
  const before = JSON.parse(localStorage.getItem(SEEN) ?? "null");
  const head = await read(checkpoint.note, before?.key ?? checkpoint.key);
  if (head.signed === false) return ["broken", head];
  if (before && !(await grown(before, head))) return ["broken", head];
  localStorage.setItem(SEEN, JSON.stringify({ key: before?.key ?? checkpoint.key, size: head.size, root: base64(head.root) }));
  if (head.signed === null) return ["unsigned", head];
  return [before ? "continues" : "first", head];
}

async function grown(before, head) {
  if (head.size < before.size) return false;
  const answer = await fetch(`/api/v1/audit/consistency?old_size=${before.size}&size=${head.size}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) return false;
  return continues(before.size, bytes(before.root), head.size, head.root, (await answer.json()).map(bytes));
}

const place = document.getElementById("verified");
function tell(found) {
  for (const one of place.querySelectorAll(`[data-found="${found}"]`)) one.hidden = false;
}

if (place?.dataset.signed) {
  let state = "broken", head = null;
  try {
    [state, head] = await compared(JSON.parse(place.dataset.signed));
  } catch { /* what cannot be read is not what was signed */ }
  tell(state);
  if (place.dataset.proven) {
    const { seq, leaf, hashes } = JSON.parse(place.dataset.proven);
    const proven = head && (await includes(await leafHash(leaf), seq, head.size, hashes.map(bytes), head.root));
    tell(proven && state !== "broken" ? "proven" : "unproven");
  }
  place.dataset.state = state;
}
