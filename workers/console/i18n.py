"""Languages of the console: messages are read from the .po files themselves, so there is nothing to compile.

English is what templates and pages say. A language has one file a feature, `locale/LANGUAGE/FEATURE.po`, so that two
people who translate two pages do not meet; `make messages` renews them, and a test lets no message stay untranslated.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.core import Locale, negotiate_locale
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "locale"
LANGUAGES = {"en": "English", "ko": "한국어"}
"""Code to what its speakers call it."""
SOURCE = "en"
"""The language that templates and the engine itself say."""
COOKIE = "language"
"""What a person has chosen in the page."""
_LONGEST_HEADER = 500


Messages = Mapping[str, tuple[str, ...]]
SHARED = "shell"
"""The file of what all pages share."""


class Catalog(gettext.NullTranslations):
    """Messages of one language. What it does not know stays English."""

    def __init__(self, language: str, files: Mapping[str, Messages], first: str = "") -> None:
        super().__init__()
        self.language = language
        self.locale = Locale.parse(language)
        self._files = files
        self._messages = {key: text for name in (*files, SHARED, first) for key, text in files.get(name, {}).items()}
        self._of: dict[str, Catalog] = {}

    def of(self, feature: str) -> Catalog:
        """What its own file says first, then what all pages share: one English word is several of another language."""
        if feature not in self._files:
            return self
        if feature not in self._of:
            self._of[feature] = Catalog(self.language, self._files, feature)
        return self._of[feature]

    def gettext(self, message: str) -> str:
        """The message in this language."""
        return self._messages.get(message, (message,))[0] or message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Singular or plural, by the rule of the language."""
        if forms := self._messages.get(msgid1):
            return forms[min(self._form(n), len(forms) - 1)]
        return msgid1 if n == 1 else msgid2

    def _form(self, number: int) -> int:
        """Korean has one form, English two; another language's rule comes with its first file."""
        return 0 if self.language == "ko" else int(number != 1)


@cache
def catalog(language: str) -> Catalog:
    """All files of a language; an unknown one is English."""
    files: dict[str, Messages] = {}
    known = language if language in LANGUAGES else "en"
    for file in sorted((FOLDER / known).glob("*.po")):
        messages: dict[str, tuple[str, ...]] = {}
        files[file.stem] = messages
        with file.open("rb") as opened:
            for message in read_po(opened, locale=known):
                if message.id and message.string and not message.fuzzy:
                    _add(messages, message.id, message.string)
    return Catalog(known, files)


def _add(
    messages: dict[str, tuple[str, ...]],
    id_: str | list[str] | tuple[str, ...],
    text: str | list[str] | tuple[str, ...],
) -> None:
    key = id_ if isinstance(id_, str) else id_[0]
    messages[key] = (text,) if isinstance(text, str) else tuple(text)


def choose(chosen: str, accepted: str) -> str:
    """The language of a reader: what they chose, else the first of their browser's that there is, else English.

    Args:
        chosen: value of the cookie; anything.
        accepted: the header Accept-Language; anything.
    """
    if chosen in LANGUAGES:
        return chosen
    wanted = [code for code, _ in sorted(_accepted(accepted), key=lambda one: -one[1])]
    return negotiate_locale(wanted, list(LANGUAGES), sep="-") or "en"


def _accepted(header: str) -> list[tuple[str, float]]:
    """Languages with their weights (RFC 9110, 12.5.4); what is malformed counts for nothing."""
    found = []
    for part in header[:_LONGEST_HEADER].split(","):
        code, _, weight = part.strip().partition(";q=")
        try:
            found.append((code.strip().lower(), float(weight or 1)))
        except ValueError:
            continue
    return [(code, weight) for code, weight in found if code and 0 < weight <= 1]
