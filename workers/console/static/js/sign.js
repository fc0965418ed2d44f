// A decision: its text is built from what the page shows, and signed by a key of the person. The server gets both and can
// change neither. Nothing that is signed comes from an answer of the server after the page.
import { ask, b64, byPasskey, canonical, say, textToSign } from "./keys.js";

const LIFE_S = 600;
const LISTS = ["digests", "verdicts"];

/** As Python sorts texts: by code points, where JavaScript alone would take UTF-16 units. */
export function byCodePoint(one, other) {
  const [a, b] = [[...one], [...other]];
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const differs = a[at].codePointAt(0) - b[at].codePointAt(0);
    if (differs) return differs;
  }
  return a.length - b.length;
}

/** What is signed of a subject: the same fields as domain/approvals/request.py. */
export function subjectOf(binding) {
  const { commit, environment, job, nonce, repository, rule, scope, version, workflow_id } = binding;
  const lists = Object.fromEntries(LISTS.map((name) => [name, [...binding[name]].sort(byCodePoint)]));
  return { commit, environment, job, nonce, repository, rule, scope, version, workflow_id, ...lists };
}

/** The bytes that are signed (domain/approvals/request.py, signed_text). */
export const signedText = ({ approve, approver, comment, expires_at, binding }) =>
  textToSign("decision/v2", { approve, approver, comment, expires_at, subject: subjectOf(binding) });

/** SHA-256 of a subject in hexadecimal: what the command line shows as the fingerprint. */
export async function fingerprint(binding) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonical(subjectOf(binding))));
  return Array.from(new Uint8Array(digest), (one) => one.toString(16).padStart(2, "0")).join("");
}

/** The subject as the page shows it. */
export function shownIn(page) {
  const text = (name) => page.querySelector(`[data-signed="${name}"]`)?.textContent ?? "";
  const names = ["workflow_id", "nonce", "job", "commit", "repository", "environment", "rule", "scope"];
  const binding = Object.fromEntries(names.map((name) => [name, text(name)]));
  for (const name of LISTS) binding[name] = Array.from(page.querySelectorAll(`[data-signed="${name}"]`), (one) => one.textContent);
  return { ...binding, version: Number(text("version")) };
}

/** The key that this browser keeps (me.js); undefined: none. */
function kept() {
  return new Promise((done) => {
    const opened = indexedDB.open("sluiceway", 1);
    opened.onupgradeneeded = () => opened.result.createObjectStore("keys");
    opened.onerror = () => done(undefined);
    opened.onsuccess = () => {
      const found = opened.result.transaction("keys").objectStore("keys").get("signing");
      found.onsuccess = () => done(found.result);
      found.onerror = () => done(undefined);
    };
  });
}

async function byBrowser(text) {
  const pair = await kept();
  if (!pair) throw new Error(document.querySelector("[data-no-key]").dataset.noKey);
  return { kind: "browser", signature: b64(await crypto.subtle.sign("Ed25519", pair.privateKey, text)), authenticator_data: "", client_data: "" };
}

/** Signs what the page shows, and sends it. */
export async function decide(page, approve, how) {
  const { approver, digest, rp, passkeys, until, path } = page.dataset;
  const binding = shownIn(page);
  if ((await fingerprint(binding)) !== digest) throw new Error(page.dataset.differs);
  const request_id = crypto.randomUUID();
  const expires_at = Math.floor(Math.min(Number(until), Date.now() / 1000 + LIFE_S));
  const comment = page.querySelector("[name=comment]").value.trim();
  const decision = { approver, approve, comment, expires_at, binding };
  const text = signedText(decision);
  const proof = how === "browser" ? await byBrowser(text) : await byPasskey(text, rp, passkeys.split(" ").filter(Boolean));
  const { kind: proof_kind, signature, authenticator_data, client_data } = proof;
  const sent = { ...decision, request_id, signature, proof_kind, authenticator_data, client_data };
  return ask(path, sent, "POST", { "If-Match": `"${digest}"`, "Idempotency-Key": request_id });
}

function told(page, answer) {
  if (answer.counted) {
    location.reload();
    return;
  }
  throw new Error([answer.rule, answer.advice].filter(Boolean).join(": "));
}

/** What is signed and says something else by now, by its labels: the page is asked for again and compared, never shown. */
async function changedSince() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const now = new DOMParser().parseFromString(await answer.text(), "text/html");
  const rows = (page) => [...page.querySelectorAll(".signed [data-signed-row]")];
  const later = new Map(rows(now).map((row) => [row.dataset.signedRow, row.querySelector("dd").textContent]));
  const differ = rows(document).filter((row) => later.get(row.dataset.signedRow) !== row.querySelector("dd").textContent);
  return differ.map((row) => row.querySelector("dt").textContent);
}

/** Says that something else is to be decided by now, and what; where it was decided meanwhile, nothing is named. */
async function changed() {
  const place = document.querySelector("[data-changed]");
  const names = await changedSince().catch(() => []);
  place.querySelector("[data-changed-names]").textContent = names.join(", ");
  place.querySelector("[data-changed-what]").hidden = !names.length;
  place.hidden = false;
}

const form = globalThis.document?.querySelector("form[data-decide]");
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { value, dataset } = event.submitter;
  const buttons = form.querySelectorAll("button");
  for (const one of buttons) one.disabled = true;
  try {
    told(form, await decide(form.closest("[data-approval]"), value === "approve", dataset.how ?? "passkey"));
  } catch (problem) {
    if (problem.status === 412) await changed();
    say(problem);
    for (const one of buttons) one.disabled = problem.status === 412;
  }
});
