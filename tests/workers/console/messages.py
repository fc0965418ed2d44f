"""Messages of the console: what templates and pages say, and what each language has of it.

`python -m tests.workers.console.messages` (`make messages`) adds new messages to the .po files, without a text, and
takes out what nobody says any more.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import babel.messages.catalog
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from domain.core.error_codes import BY_CODE, ErrorCode, access
from domain.core.sentences import SENTENCES
from workers.console import i18n

CONSOLE = Path(i18n.__file__).parent
Message = str | tuple[str, str]
"""A text, or singular and plural."""
_SHARED = "shell"
_PLACE = re.compile(r"%\((\w+)\)s")


@cache
def said() -> dict[str, list[Message]]:
    """Messages by feature, in the order of files. What the shell says is not repeated in features."""
    found: dict[str, list[Message]] = defaultdict(list)
    for file in sorted([*CONSOLE.rglob("*.j2"), *CONSOLE.rglob("*.py")]):
        for message in _of(file):
            if message not in found[_feature(file)]:
                found[_feature(file)].append(message)
    found["errors"] = [one.title for one in (*access.ALL, *work_of_pages())]
    found["engine"] = list(SENTENCES)
    shared = set(found[_SHARED])
    return {name: [one for one in of if name == _SHARED or one not in shared] for name, of in found.items()}


def work_of_pages() -> list[ErrorCode]:
    """Codes that pages meet, beside those of access."""
    codes = ["SLW901", "SLW902", "SLW905", "SLW906", "SLW907", "SLW911", "SLW913", "SLW915", "SLW927", "SLW807"]
    codes += ["SLW049", "SLW958"]
    codes += ["SLW466", "SLW467", "SLW468", "SLW950", "SLW952", "SLW956", "SLW974", "SLW975", "SLW976"]
    return [BY_CODE[code] for code in codes if code in BY_CODE]


def _of(file: Path) -> list[Message]:
    method = "jinja2.ext:babel_extract" if file.suffix == ".j2" else "python"
    options = {"extensions": "jinja2.ext.i18n", "trimmed": "true", "silent": "false"}
    keywords: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
    found: list[Message] = []
    for _, message, _, _ in extract_from_file(method, file, keywords=keywords, options=options):
        found.append(message if isinstance(message, str) else (message[0], message[1]))
    return found


def _feature(file: Path) -> str:
    """The folder of templates, or the module of pages; what all pages share is the shell's."""
    parts = file.relative_to(CONSOLE).parts
    name = parts[1].removesuffix(".py") if len(parts) > 1 and parts[0] in ("templates", "pages") else _SHARED
    return _SHARED if name.endswith(".j2") or name in ("__init__", "errors", "forms", "lists", "preferences") else name


def read(language: str, feature: str) -> Catalog:
    """The file of a feature; empty where there is none."""
    file = i18n.FOLDER / language / f"{feature}.po"
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as opened:
        return read_po(opened, locale=language)


def texts(message: babel.messages.catalog.Message | None) -> list[str]:
    """What a language says for it; plural forms are several."""
    if message is None or not message.string:
        return []
    return [message.string] if isinstance(message.string, str) else list(message.string)


def places(text: str) -> set[str]:
    """Names of values in a message."""
    return set(_PLACE.findall(text))


def renew() -> None:
    """Writes the files of every language."""
    for language in set(i18n.LANGUAGES) - {"en"}:
        for feature, messages in ((name, of) for name, of in said().items() if of):
            before = read(language, feature)
            after = Catalog(locale=language, header_comment=f"# {feature}", creation_date=False)  # type: ignore[arg-type]
            for message in messages:
                known = before.get(message if isinstance(message, str) else message[0])
                after.add(message, string=known.string if known else "")
            file = i18n.FOLDER / language / f"{feature}.po"
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("wb") as opened:
                write_po(opened, after, omit_header=True, width=0)


if __name__ == "__main__":
    renew()
