// The deletion of a claim: its order is built from what the page shows, and signed by a passkey (domain/authority/order_proofs.py).
import { ask, byPasskey, say, textToSign } from "./keys.js";

const LIFE_S = 590;
const hex = (bytes) => Array.from(new Uint8Array(bytes), (one) => one.toString(16).padStart(2, "0")).join("");

/** What is signed of the content that is shown. */
async function orderOf({ kind, cluster, person, what, actions, home }, content) {
  const shown = hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(content)));
  if (shown !== what) throw new Error("the plan asks to sign something else than it shows");
  return { home, kind, cluster, person, what, actions, expires_at: Math.floor(Date.now() / 1000) + LIFE_S, nonce: crypto.randomUUID() };
}

async function begun({ order, wish, digest, rp }, content) {
  const said = await orderOf(JSON.parse(order), content);
  const { kind, signature, authenticator_data, client_data } = await byPasskey(textToSign("order/v1", said), rp);
  const { expires_at, nonce, cluster } = said, wanted = JSON.parse(wish);
  const signed = { expires_at, nonce, proof: { signature, kind, authenticator_data, client_data } };
  const headers = { "Idempotency-Key": nonce, "If-Match": `"${digest}"` };
  await ask(`/api/v1/clusters/${encodeURIComponent(cluster)}/volumes/changes`, { wish: wanted, signed }, "POST", headers);
  return `/volumes?${new URLSearchParams({ cluster, namespace: wanted.namespace })}`;
}

for (const form of document.querySelectorAll("form[data-order]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      location.assign(await begun(form.dataset, document.querySelector("[data-content]").textContent));
    } catch (problem) {
      if (problem.code === "SLW411") location.assign(`/login/step-up?next=${encodeURIComponent(location.pathname + location.search)}`);
      else say(problem);
    }
  });
}
