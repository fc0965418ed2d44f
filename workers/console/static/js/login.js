// Logging in: by a passkey, by a one-time link, by a password; and the second factor.
import { loginOf } from "./code.js";
import { ask, byPasskey, say, textToSign } from "./keys.js";

const CODE = "sluiceway-code";
/** Of a one-time link: the first key is registered by it, in this tab. */

/** What the server asks, signed by a passkey. */
async function answered(question) {
  const proof = await byPasskey(textToSign("login/v1", question.challenge), question.rp, question.passkeys);
  return { state: question.state, ...proof };
}

async function passkey(form) {
  if (form.dataset.stepUp !== undefined) {
    return ask("/api/v1/login/step-up", await answered(await ask("/api/v1/login/step-up/question")));
  }
  return ask("/api/v1/login/key", await answered(await ask("/api/v1/login/question")));
}

async function link(form) {
  const code = form.elements.code.value.trim().split("#").at(-1);
  const found = await ask("/api/v1/login/link", { login: await loginOf(code) });
  if (found.keys === 0) sessionStorage.setItem(CODE, code);
  return found;
}

async function password(form) {
  return ask("/api/v1/login/password", { person: form.elements.person.value, password: form.elements.password.value });
}

const WAYS = { passkey, link, password };

for (const form of document.querySelectorAll("form[data-login]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    try {
      const found = await WAYS[form.dataset.login](form);
      // `replace`: nobody comes back to a used link. A person without a key registers one first.
      location.replace(found.keys === 0 ? "/me#keys" : document.body.querySelector("[data-next]").dataset.next);
    } catch (problem) {
      say(problem);
    } finally {
      button.disabled = false;
    }
  });
}

// The code stands behind # and never reaches a log; a click, not the page, uses it: mail scanners open links.
const field = document.querySelector("form[data-login=link] [name=code]");
if (field && location.hash.length > 1) {
  field.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  document.querySelector("form[data-login=link] button[type=submit]").focus();
}
