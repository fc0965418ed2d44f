"""Commands against a server far away: they load the ports and the client of the API, nothing of the engine."""

from __future__ import annotations

COMMANDS: dict[str, str] = {
    "findings": "findings:findings",
    "access": "access:access",
    "policy": "policy_sets:policy",
    "people": "people:people",
    "token": "people:token",
    "session": "people:session",
    "login": "login:login",
    "logout": "login:logout",
    "whoami": "login:whoami",
}
"""Command to `module:attribute` in this package."""
TEXTS = {"lint": "definitions:lint_", "plan": "definitions:plan"}
"""Those of `LOCAL` that a server does where this machine has no engine."""
