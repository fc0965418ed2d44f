"""Finds reports in a workspace and parses XML. Files are untrusted: limited in size, links and entities refused."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from activities.core.files import read_bounded
from domain.core import globs, workspace_patterns, xml_text

MAX_REPORT_BYTES = 50_000_000
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]*\?>")
_ENCODING = re.compile(rb"""^\s*<\?xml\b[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,30})["']""")
_CHARSETS = re.compile(r"(ascii|big5|cp|euc|gb|hz|iso|johab|koi8|latin|mac|shift)", re.IGNORECASE)
"""What a tool may write in besides UTF-8; not codecs such as `idna`, which are slow on purpose-made text."""
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_REFERENCE = re.compile(r"&#(?:0{0,5}(?:[0-8]|1[124-9]|2\d|3[01])|x0{0,5}(?:[0-8bcef]|1[0-9a-f]));", re.IGNORECASE)
"""Characters that XML 1.0 does not allow, by number."""


def matching(workspace: Path, patterns: Sequence[str]) -> list[str]:
    """Paths relative to the workspace, sorted. `./junit.xml` is `junit.xml`."""
    if not patterns:
        return []
    wanted = [workspace_patterns.plain(pattern) for pattern in patterns]
    found = []
    for folder, _, names in os.walk(workspace):
        for name in names:
            path = (Path(folder) / name).relative_to(workspace).as_posix()
            if globs.matches(path, wanted):
                found.append(path)
    return sorted(found)


def content(workspace: Path, path: str) -> bytes:
    """The bytes of a report.

    Raises:
        ValueError: a link, a pipe or a device, or too large.
        OSError: it cannot be read.
    """
    data = read_bounded(workspace / path, MAX_REPORT_BYTES)
    if len(data) > MAX_REPORT_BYTES:
        raise ValueError(f"it is larger than {MAX_REPORT_BYTES:,} bytes")
    return data


def xml_root(data: bytes) -> Element:
    """The root, with namespaces removed. Characters that XML forbids are left out, other character sets are decoded.

    Raises:
        ValueError: malformed, or with entities.
    """
    try:
        root = _parsed(data)
    except DefusedXmlException:
        raise
    except (ValueError, LookupError):
        root = _parsed(_mended(data))
    if root.tag.startswith("{"):
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
    return root


def _parsed(data: bytes) -> Element:
    try:
        root: Element = fromstring(data)
    except ParseError as broken:  # a SyntaxError
        raise ValueError(str(broken)) from broken
    return root


def _mended(data: bytes) -> bytes:
    declared = _ENCODING.match(data[:200])
    name = "utf-16" if data.startswith(UTF_16) else declared.group(1).decode() if declared else "utf-8-sig"
    try:
        text = data.decode(name if _CHARSETS.match(name) or name == "utf-16" else "utf-8-sig", "replace")
    except LookupError as unknown:
        raise ValueError(str(unknown)) from unknown
    return _REFERENCE.sub("", xml_text.allowed(_DECLARATION.sub("", text, count=1))).encode()
