// An invitation: its code is made here, and signed by the administrator's passkey. The server never has the code.
import { loginHashOf, newCode, publicOf } from "./code.js";
import { ask, byPasskey, say } from "./keys.js";
import { lookedAt } from "./statements.js";

const form = document.querySelector("form[data-invite]");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  try {
    const name = form.elements.name.value.trim();
    const groups = form.elements.groups.value.split(/\s+/).filter(Boolean);
    const code = newCode();
    const known = { public: await publicOf(code), login_hash: await loginHashOf(code) };
    const sign = await ask("/api/v1/me/invitations", { name, groups, ...known });
    const text = lookedAt(sign.statement, "invitation", name, { groups, roles: [], public: known.public });
    await ask("/api/v1/me/keys", { state: sign.state, ...(await byPasskey(text, sign.rp, sign.passkeys)) });
    const place = document.querySelector("[data-invited]");
    place.querySelector("[data-invited-link]").textContent = `${location.origin}/login/link#${code}`;
    place.hidden = false;
    place.focus();
    form.reset();
  } catch (problem) {
    if (problem.code === "SLW411") location.assign(`/login/step-up?next=${encodeURIComponent("/people")}`);
    else say(problem);
  }
});
