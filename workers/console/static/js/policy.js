// A step of a set of policies: its statement is built from what the page shows, and signed by a passkey of the person.
import { ask, byPasskey, say, textToSign } from "./keys.js";

const LIFE_S = 590;

/** What is signed (domain/authority/rights.py, of_step), and what the server needs beside what it knows. */
export function stepOf({ name, version, digest, person, home }, state) {
  const body = { digest, person, state, version: Number(version) };
  const expires_at = Math.floor(Date.now() / 1000) + LIFE_S;
  const nonce = crypto.randomUUID();
  return { text: textToSign("registration/v1", { topic: "step", name, body, expires_at, nonce, home }), expires_at, nonce };
}

async function taken(page, state) {
  const { text, expires_at, nonce } = stepOf(page, state);
  const { kind, signature, authenticator_data, client_data } = await byPasskey(text, page.rp);
  const signed = { expires_at, nonce, home: page.home, proof: { signature, kind, authenticator_data, client_data } };
  const sent = { version: Number(page.version), to: state, signed };
  await ask(`/api/v1/policies/${encodeURIComponent(page.name)}/steps`, sent, "POST", { "Idempotency-Key": nonce });
}

for (const form of globalThis.document?.querySelectorAll("form[data-policy-step]") ?? []) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    try {
      await taken(document.querySelector("[data-policy]").dataset, form.dataset.policyStep);
      location.reload();
    } catch (problem) {
      if (problem.code === "SLW411") location.assign(`/login/step-up?next=${encodeURIComponent(location.pathname)}`);
      else say(problem);
    }
  });
}
