"""All weaknesses that have a page, by group."""

from __future__ import annotations

from collections.abc import Mapping

from domain.scans.rules.model import Weakness
from domain.scans.rules.weaknesses.cryptography import CRYPTOGRAPHY
from domain.scans.rules.weaknesses.injection import INJECTION
from domain.scans.rules.weaknesses.interpreted import INTERPRETED
from domain.scans.rules.weaknesses.other_languages import OTHER_LANGUAGES
from domain.scans.rules.weaknesses.sessions import SESSIONS
from domain.scans.rules.weaknesses.system import SYSTEM
from domain.scans.rules.weaknesses.web import WEB

GROUPS: Mapping[str, tuple[Weakness, ...]] = {
    "Injection": INJECTION,
    "Data that is run": INTERPRETED,
    "Web": WEB,
    "Sessions and cookies": SESSIONS,
    "Cryptography": CRYPTOGRAPHY,
    "System": SYSTEM,
    "Other languages": OTHER_LANGUAGES,
}
WEAKNESSES = tuple(one for group in GROUPS.values() for one in group)
