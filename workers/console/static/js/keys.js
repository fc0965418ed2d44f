// Keys and signatures in the browser: texts are built here from what is shown, and signed here.

const encoder = new TextEncoder();

/** Base64 of bytes. */
export const b64 = (bytes) => btoa(Array.from(new Uint8Array(bytes), (one) => String.fromCharCode(one)).join(""));

/** Bytes of Base64url without padding. */
export const fromUrl64 = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

/** Canonical JSON (RFC 8785) without fractions, as domain/core/canonical.py writes it. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Error(`${value} is no whole number`);
  return JSON.stringify(value);
}

/** The bytes that a signature covers. */
export const textToSign = (kind, value) => encoder.encode(`sluiceway/${kind}\0${canonical(value)}`);

/** A passkey signs a text; it asks its owner. `ids`: of the passkeys that may; empty: any of this host. */
export async function byPasskey(text, rp, ids = []) {
  const challenge = await crypto.subtle.digest("SHA-256", text);
  const allowCredentials = ids.map((id) => ({ type: "public-key", id: fromUrl64(id) }));
  const found = await navigator.credentials.get({ publicKey: { challenge, rpId: rp, userVerification: "required", allowCredentials } });
  return {
    handle: found.id,
    kind: "passkey",
    signature: b64(found.response.signature),
    authenticator_data: b64(found.response.authenticatorData),
    client_data: b64(found.response.clientDataJSON),
  };
}

/** A new passkey from the options of the server, as JSON with Base64url, and its public key in DER. */
export async function makePasskey(options) {
  const publicKey = {
    ...options,
    challenge: fromUrl64(options.challenge),
    user: { ...options.user, id: fromUrl64(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map((one) => ({ ...one, id: fromUrl64(one.id) })),
  };
  const made = await navigator.credentials.create({ publicKey });
  const url64 = (bytes) => b64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const response = { clientDataJSON: url64(made.response.clientDataJSON), attestationObject: url64(made.response.attestationObject) };
  return { credential: { id: made.id, rawId: made.id, type: made.type, response }, spki: made.response.getPublicKey() };
}

/** Asks the server; an answer that is none is an Error with what the server says. */
export async function ask(path, body, method = "POST", more = {}) {
  const token = document.querySelector("meta[name=csrf]")?.content ?? "";
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": token, ...more };
  const answer = await fetch(path, { method, headers, body: method === "GET" ? undefined : JSON.stringify(body ?? {}) });
  const text = await answer.text();
  const said = text ? JSON.parse(text) : {};
  if (!answer.ok) throw Object.assign(new Error([said.title, said.detail].filter(Boolean).join(": ")), { code: said.code, status: answer.status });
  return said;
}

/** The token of the page after a login or a second factor: the session has another secret. */
export const again = () => location.reload();

/** Shows what went wrong where the page has a place for it. */
export function say(problem) {
  const place = document.querySelector("[data-problem]");
  if (!place) throw problem;
  const refused = problem.name === "NotAllowedError" ? place.dataset.notAllowed : problem.message;
  place.hidden = false;
  place.querySelector("[data-problem-text]").textContent = refused || String(problem);
  place.focus();
}
