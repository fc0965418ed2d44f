// One's own keys: made in this browser, vouched for by another key or by the code of a one-time link.
import { ask, b64, byPasskey, makePasskey, say, textToSign } from "./keys.js";

const CODE = "sluiceway-code";

/** The proof of a statement: the link's code for the first key, else another key of the person. */
async function vouch(asked) {
  const code = sessionStorage.getItem(CODE);
  if (code) {
    await ask("/api/v1/me/keys", { state: asked.state, code });
    sessionStorage.removeItem(CODE);
    return;
  }
  const proof = await byPasskey(textToSign("registration/v1", asked.statement), asked.rp, asked.passkeys);
  await ask("/api/v1/me/keys", { state: asked.state, ...proof });
}

async function passkey(form) {
  const begun = await ask("/api/v1/me/keys/options");
  const credential = await makePasskey(begun.options);
  await vouch(await ask("/api/v1/me/keys/passkey", { state: begun.state, credential, label: form.elements.label.value }));
}

async function file(form) {
  const { kind, public: line, label } = form.elements;
  await vouch(await ask("/api/v1/me/keys/file", { kind: kind.value, public: line.value, label: label.value }));
}

async function lost(form) {
  await vouch(await ask("/api/v1/me/keys/lost", { fingerprint: form.elements.fingerprint.value }));
}

/** A key that scripts of this page could use, so environments accept it only where they say so. */
async function browser(form) {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
  await vouch(await ask("/api/v1/me/keys/file", { kind: "browser", public: b64(raw), label: form.elements.label.value }));
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
