// The code of a one-time link: its two halves (domain/access/link_code.py). The server gets the one that logs in, never the code.
import { b64, fromUrl64 } from "./keys.js";

const encoder = new TextEncoder();
const CODE = /^[A-Za-z0-9_-]{43}$/;
/** What stands before the 32 bytes of an ed25519 private key in PKCS #8 (RFC 8410, section 7). */
const PKCS8 = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/** Base64url without padding. */
const url64 = (bytes) => b64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/** A new code: 32 random bytes. */
export const newCode = () => url64(crypto.getRandomValues(new Uint8Array(32)));

async function half(code, purpose) {
  if (!CODE.test(code)) throw new Error("the code is damaged");
  const key = await crypto.subtle.importKey("raw", fromUrl64(code), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return crypto.subtle.sign("HMAC", key, encoder.encode(`sluiceway/link/v1/${purpose}`));
}

/** The half that logs in. */
export const loginOf = async (code) => url64(await half(code, "login"));

/** What a server keeps of it until the link is used: SHA-256 in hexadecimal. */
export async function loginHashOf(code) {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(await loginOf(code)));
  return Array.from(new Uint8Array(digest), (one) => one.toString(16).padStart(2, "0")).join("");
}

/** The other half, as a key. */
async function keyOf(code, extractable = false) {
  const bytes = Uint8Array.from([...PKCS8, ...new Uint8Array(await half(code, "key"))]);
  return crypto.subtle.importKey("pkcs8", bytes, "Ed25519", extractable, ["sign"]);
}

/** Its public half, 32 bytes in Base64: for the invitation. */
export const publicOf = async (code) => b64(fromUrl64((await crypto.subtle.exportKey("jwk", await keyOf(code, true))).x));

/** A proof by it. */
export const byCode = async (code, text) => ({ signature: b64(await crypto.subtle.sign("Ed25519", await keyOf(code), text)) });
