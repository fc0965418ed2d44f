// One's own keys: made in this browser, vouched for by another key or by the code of a one-time link.
import { byCode } from "./code.js";
import { ask, b64, byPasskey, makePasskey, say } from "./keys.js";
import { keptForm, keptFormOf, lookedAt } from "./statements.js";

const CODE = "sluiceway-code";
const person = document.querySelector("[data-person]").dataset.person;

/** The proof of a statement that says what is wanted: by the link's code for the first key, else by another key. */
async function vouch(asked, topic, wanted) {
  const text = lookedAt(asked.statement, topic, person, wanted);
  const code = sessionStorage.getItem(CODE);
  const proof = code ? await byCode(code, text) : await byPasskey(text, asked.rp, asked.passkeys);
  await ask("/api/v1/me/keys", { state: asked.state, ...proof });
  sessionStorage.removeItem(CODE);
}

async function passkey(form) {
  const { state, options } = await ask("/api/v1/me/keys/options");
  const { credential, spki } = await makePasskey(options);
  const asked = await ask("/api/v1/me/keys/passkey", { state, credential, label: form.elements.label.value });
  await vouch(asked, "key", { kind: "passkey", id: credential.id, origin: location.origin, public: await keptForm(spki) });
}

async function file(form) {
  const { kind, public: line, label } = form.elements;
  const asked = await ask("/api/v1/me/keys/file", { kind: kind.value, public: line.value, label: label.value });
  await vouch(asked, "key", { kind: kind.value, public: await keptFormOf(line.value) });
}

async function lost(form) {
  const fingerprint = form.elements.fingerprint.value;
  await vouch(await ask("/api/v1/me/keys/lost", { fingerprint }), "lost", { fingerprint });
}

/** A key that scripts of this page could use, so environments accept it only where they say so. */
async function browser(form) {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const raw = b64(await crypto.subtle.exportKey("raw", pair.publicKey));
  const asked = await ask("/api/v1/me/keys/file", { kind: "browser", public: raw, label: form.elements.label.value });
  await vouch(asked, "key", { kind: "browser", public: raw });
  await keep(pair);
}

/** In IndexedDB, where only this origin gets it, and nobody gets the private half out. */
function keep(pair) {
  return new Promise((done, failed) => {
    const opened = indexedDB.open("sluiceway", 1);
    opened.onupgradeneeded = () => opened.result.createObjectStore("keys");
    opened.onerror = () => failed(opened.error);
    opened.onsuccess = () => {
      const change = opened.result.transaction("keys", "readwrite");
      change.objectStore("keys").put(pair, "signing");
      change.oncomplete = done;
      change.onerror = () => failed(change.error);
    };
  });
}

const STEPS = { passkey, file, browser, lost };

for (const form of document.querySelectorAll("form[data-key-step]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    try {
      await STEPS[form.dataset.keyStep](form);
      location.reload();
    } catch (problem) {
      say(problem);
    }
  });
}
