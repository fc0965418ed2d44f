"""What something is for, by names: a password's hash is worse, a picture's and settings of development are harmless.

Names move the likelihood by one step. What is hashed outweighs where: a name of something that is protected in the
statement itself keeps harmless names of the function from lowering anything.
"""

from __future__ import annotations

import re

from domain.scans.findings.model import Finding

HASH, SETTINGS = "weak-hash", "settings-of-development"
"""The pages of the weaknesses that are rated by what they are for."""
_DEVELOPMENT = re.compile(
    r"(?:^|[^a-z])(?:dev|devel|development|local|debug|test|tests|testing|ci|demo|example)(?![a-z])"
)
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_PASSWORDS = frozenset(str.split("password passwords passwd passphrase pwd"))
_PROTECTED = _PASSWORDS | frozenset(
    str.split("secret secrets sign signature signed hmac mac token tokens otp auth credential session csrf salt salted")
)
_HARMLESS = frozenset(
    str.split("gravatar avatar etag cache cached checksum dedupe duplicate bucket shard color colour thumbnail slug")
)


def step(page: str, finding: Finding) -> tuple[int, str]:
    """How many steps likelier its use is than the rule says, and why; 0 where the names say nothing."""
    if page == SETTINGS and _DEVELOPMENT.search(finding.path):
        return -1, "lowered by the name of its file"
    if page != HASH:
        return 0, ""
    hashed = _words(finding.code or finding.snippet)
    if found := hashed & _PASSWORDS:
        return 1, f"raised by the name {min(found)}"
    harmless = (hashed | _words(finding.scope)) & _HARMLESS
    if harmless and not hashed & _PROTECTED:
        return -1, f"lowered by the name {min(harmless)}"
    return 0, ""


def _words(text: str) -> frozenset[str]:
    return frozenset(one.lower() for one in _PART.findall(text))
