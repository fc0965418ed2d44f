// Invitations and confirmed keys, signed by the administrator's passkey. A link's code is made here: the server never has it.
import { loginHashOf, newCode, publicOf } from "./code.js";
import { ask, byPasskey, say } from "./keys.js";
import { lookedAt } from "./statements.js";

/** A second factor that is too old is asked for, and the page comes back. */
function told(problem) {
  if (problem.code === "SLW411") location.assign(`/login/step-up?next=${encodeURIComponent("/people")}`);
  else say(problem);
}

/** Signs a statement that says what is wanted, and hands it in. */
async function signed(asked, topic, name, wanted) {
  const text = lookedAt(asked.statement, topic, name, wanted);
  await ask("/api/v1/me/keys", { state: asked.state, ...(await byPasskey(text, asked.rp, asked.passkeys)) });
}

for (const one of document.querySelectorAll("form[data-confirm]")) {
  one.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    const [name, fingerprint] = [one.elements.name.value, one.elements.fingerprint.value];
    try {
      await signed(await ask("/api/v1/me/confirmations", { name, fingerprint }), "confirmed", name, { fingerprint });
      location.reload();
    } catch (problem) {
      told(problem);
    }
  });
}

const form = document.querySelector("form[data-invite]");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  try {
    const name = form.elements.name.value.trim();
    const groups = form.elements.groups.value.split(/\s+/).filter(Boolean);
    const code = newCode();
    const known = { public: await publicOf(code), login_hash: await loginHashOf(code) };
    const asked = await ask("/api/v1/me/invitations", { name, groups, ...known });
    await signed(asked, "invitation", name, { groups, roles: [], public: known.public });
    const place = document.querySelector("[data-invited]");
    place.querySelector("[data-invited-link]").textContent = `${location.origin}/login/link#${code}`;
    place.hidden = false;
    place.focus();
    form.reset();
  } catch (problem) {
    told(problem);
  }
});
