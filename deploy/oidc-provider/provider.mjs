// A certified OpenID provider for tests: one client, people by whatever name they type, with many groups.
// Told by the environment: PORT, CALLBACK (redirect URI), SECRET, GROUPS (how many).
import { Provider } from "oidc-provider";

const { PORT, CALLBACK, SECRET, GROUPS } = process.env;
const groups = Array.from({ length: Number(GROUPS ?? 2) }, (_, number) => `group-${number}`);

const provider = new Provider(`http://localhost:${PORT}`, {
  clients: [{ client_id: "sluiceway", client_secret: SECRET, redirect_uris: [CALLBACK], grant_types: ["authorization_code"], response_types: ["code"] }],
  claims: { openid: ["sub", "auth_time"], profile: ["preferred_username", "groups"], email: ["email"] },
  features: { devInteractions: { enabled: true } },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, preferred_username: id, email: `${id}@localhost`, groups }) }),
});
provider.listen(Number(PORT), "127.0.0.1", () => console.log("listening"));
