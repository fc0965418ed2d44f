// What a server asks to sign about keys and people is looked at first: it has to be what was wanted here, and nothing else.
import { b64, canonical, fromUrl64, textToSign } from "./keys.js";

const encoder = new TextEncoder();
const CURVES = { "P-256": "nistp256", "P-384": "nistp384", "P-521": "nistp521" };
const WAYS = [
  "Ed25519",
  ...Object.keys(CURVES).map((namedCurve) => ({ name: "ECDSA", namedCurve })),
  { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
];

/** The text of a statement that says what is wanted; throws: it says something else. */
export function lookedAt(statement, topic, name, wanted) {
  const says = statement.topic === topic && statement.name === name;
  const body = Object.entries(wanted).every(([key, value]) => canonical(statement.body[key] ?? null) === canonical(value));
  if (!says || !body) throw new Error(document.querySelector("[data-problem]")?.dataset.notAsked ?? "the server asks to sign something else");
  return textToSign("registration/v1", statement);
}

/** A public key in the form in which it is registered (activities/access/public_keys.py). `spki`: its bytes in DER. */
export async function keptForm(spki) {
  for (const way of WAYS) {
    const key = await crypto.subtle.importKey("spki", spki, way, true, ["verify"]).catch(() => null);
    if (key) return written(await crypto.subtle.exportKey("jwk", key));
  }
  throw new Error("this is no public key that may decide");
}

/** Of a text that a person hands in: PEM, or a line of OpenSSH. */
export function keptFormOf(text) {
  const clean = text.trim();
  if (clean.startsWith("-----BEGIN")) {
    const body = clean.replace(/-----[^-]+-----/g, "").replace(/\s+/g, "");
    return keptForm(Uint8Array.from(atob(body), (one) => one.charCodeAt(0)));
  }
  const [kind, blob] = clean.split(/\s+/);
  return kind === "ssh-ed25519" ? b64(Uint8Array.from(atob(blob), (one) => one.charCodeAt(0)).slice(-32)) : `${kind} ${blob}`;
}

/** A JWK as Base64 of a raw ed25519 key, or as a line of OpenSSH (RFC 4253, section 6.6; RFC 5656, section 3.1). */
function written(jwk) {
  if (jwk.kty === "OKP") return b64(fromUrl64(jwk.x));
  if (jwk.kty === "RSA") return line("ssh-rsa", [whole(fromUrl64(jwk.e)), whole(fromUrl64(jwk.n))]);
  const curve = CURVES[jwk.crv];
  return line(`ecdsa-sha2-${curve}`, [encoder.encode(curve), Uint8Array.from([4, ...fromUrl64(jwk.x), ...fromUrl64(jwk.y)])]);
}

/** A positive integer of SSH: a zero byte before one whose first bit is set. */
const whole = (bytes) => (bytes[0] & 0x80 ? Uint8Array.from([0, ...bytes]) : bytes);

function line(kind, parts) {
  const fields = [encoder.encode(kind), ...parts].flatMap((part) => {
    const size = new DataView(new ArrayBuffer(4));
    size.setUint32(0, part.length);
    return [...new Uint8Array(size.buffer), ...part];
  });
  return `${kind} ${b64(fields)}`;
}
