// The order of a plan: built from what the page shows, and signed by a passkey of the person (domain/authority/order_proofs.py).
import { ask, byPasskey, say, textToSign } from "./keys.js";

const LIFE_S = 590;
const hex = (bytes) => Array.from(new Uint8Array(bytes), (one) => one.toString(16).padStart(2, "0")).join("");

/** What is signed, and what the server needs beside what it knows. `definition`: as it is shown. */
export async function orderOf({ kind, cluster, person, what, actions, home }, definition) {
  const shown = kind === "cluster" ? hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(definition))) : "";
  if (shown !== what) throw new Error("the plan asks to sign something else than it shows");
  const expires_at = Math.floor(Date.now() / 1000) + LIFE_S;
  const nonce = crypto.randomUUID();
  const order = { home, kind, cluster, person, what: shown, actions: Number(actions), expires_at, nonce };
  return { text: textToSign("order/v1", order), expires_at, nonce };
}

async function begun({ order, wish, digest, rp }, definition) {
  const wanted = JSON.parse(order);
  const { text, expires_at, nonce } = await orderOf(wanted, definition);
  const { kind, signature, authenticator_data, client_data } = await byPasskey(text, rp);
  const signed = { expires_at, nonce, proof: { signature, kind, authenticator_data, client_data } };
  const path = `/clusters/${encodeURIComponent(wanted.cluster)}`;
  await ask(`/api/v1${path}/changes`, { wish: JSON.parse(wish), signed }, "POST", { "Idempotency-Key": nonce, "If-Match": `"${digest}"` });
  return `${path}/progress`;
}

for (const form of globalThis.document?.querySelectorAll("form[data-order]") ?? []) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    try {
      location.assign(await begun(form.dataset, document.querySelector("[data-definition]")?.textContent ?? ""));
    } catch (problem) {
      if (problem.code === "SLW411") location.assign(`/login/step-up?next=${encodeURIComponent(location.pathname + location.search)}`);
      else say(problem);
    }
  });
}
