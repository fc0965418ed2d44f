// An invitation: signed by the administrator's passkey, here.
import { ask, byPasskey, say, textToSign } from "./keys.js";

const form = document.querySelector("form[data-invite]");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  try {
    const groups = form.elements.groups.value.split(/\s+/).filter(Boolean);
    const { sign, link } = await ask("/api/v1/me/invitations", { name: form.elements.name.value.trim(), groups });
    const proof = await byPasskey(textToSign("registration/v1", sign.statement), sign.rp, sign.passkeys);
    await ask("/api/v1/me/keys", { state: sign.state, ...proof });
    const place = document.querySelector("[data-invited]");
    place.querySelector("[data-invited-link]").textContent = link;
    place.hidden = false;
    place.focus();
    form.reset();
  } catch (problem) {
    if (problem.code === "SLW411") location.assign(`/login/step-up?next=${encodeURIComponent("/people")}`);
    else say(problem);
  }
});
