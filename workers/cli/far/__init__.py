"""Commands against a server far away: they load the ports and the client of the API, nothing of the engine."""

from __future__ import annotations

COMMANDS: dict[str, str] = {
    "run": "runs:run",
    "runs": "runs:runs",
    "show": "runs:show",
    "report": "runs:report",
    "cancel": "runs:cancel",
    "rerun": "runs:rerun",
    "logs": "logs:logs",
    "queues": "environments:queues",
    "release": "releases:release",
    "environment": "environments:environment",
    "approve": "approvals:approve",
    "reject": "approvals:reject",
    "decide": "approvals:decide",
    "decision": "approvals:decision",
    "inbox": "approvals:inbox",
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
ANYWHERE = frozenset({"audit", "explain", "completion"})
"""Commands that are written on the ports and ask whoever is named, or that ask nobody."""
LOCAL = frozenset({"lint", "plan", "schema", "test", "server"})
"""Commands that ask no engine, so they run here wherever the engine is."""
TEXTS = {"lint": "definitions:lint_", "plan": "definitions:plan"}
"""Those of `LOCAL` that a server does where this machine has no engine."""
