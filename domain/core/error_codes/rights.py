"""Errors of rights: who may do what."""

from __future__ import annotations

from domain.core.error_codes.code import ErrorCode

RIGHTS: tuple[ErrorCode, ...] = (
    ErrorCode(
        "SLW410",
        "you may not do this",
        "Nothing permits it to you, or a rule forbids it: the message names the rule. A rule that forbids wins over"
        " every grant.",
        "`sluiceway access explain ACTION RESOURCE` shows what decided and what is missing; an administrator of the"
        " project can grant a role.",
    ),
    ErrorCode(
        "SLW411",
        "this needs a second factor of the last minutes",
        "What changes who may do what, or reads secrets, asks for your passkey or key again: a session that somebody"
        " left open is not enough.",
        "Confirm with your passkey or key, and try again.",
    ),
    ErrorCode(
        "SLW412",
        "this right cannot be given",
        "A grant names who gets it (person:NAME, group:NAME, token:ID, workload:ISSUER#SUBJECT, repository:NAME), a"
        " role, and a resource (KIND:NAME). A share also needs an end, and gives at most what its giver has. Nobody"
        " gives to themselves.",
        "Correct what the message names; `sluiceway access roles` lists the roles with their actions.",
    ),
    ErrorCode(
        "SLW413",
        "these policies are not valid",
        "A set of policies is text of Cedar that is checked against the engine's schema. Each policy needs an @id of"
        " its own that begins with abac/ or pbac/: labels and roles are not rewritten by policies.",
        "Correct the lines that the message names, and draft the set again.",
    ),
    ErrorCode(
        "SLW414",
        "this set of policies cannot be brought there",
        "A version is drafted, simulated on recorded decisions, watched in the shadow, and then activated by another"
        " person than the one who drafted it. Its text never changes on the way.",
        "Take the step that the message names, or ask a second security administrator.",
    ),
    ErrorCode(
        "SLW415",
        "there is no such right, label or policy",
        "It was never there, has ended, or was revoked before.",
        "`sluiceway access grants`, `access labels` and `policy sets` list what there is.",
    ),
)
"""SLW410 to SLW419."""
