"""Coverage reports: one file per format, and here the table of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from activities.jobs.reports import clover, cobertura, go_profile, jacoco, lcov
from activities.jobs.reports.files import UTF_16, xml_root
from domain.jobs.coverage import Measured

_XML: tuple[tuple[Callable[[Element], bool], Callable[[Element, Path], Iterator[Measured]]], ...] = (
    (clover.understands, clover.read),
    (cobertura.understands, cobertura.read),
    (jacoco.understands, jacoco.read),
)
_TEXT: tuple[tuple[Callable[[str], bool], Callable[[str, Path], Iterator[Measured]]], ...] = (
    (go_profile.understands, go_profile.read),
    (lcov.understands, lcov.read),
)
NAMES = "Cobertura, JaCoCo, Clover, LCOV or a Go profile"


def measured(data: bytes, workspace: Path) -> Iterator[Measured]:
    """What a report measured, in whichever format it is.

    Raises:
        ValueError: it is in none of them, or malformed; while it is read, too.
    """
    text = data.decode("utf-8-sig", "replace")
    for understands, read in _TEXT:
        if understands(text):
            return read(text, workspace)
    if not text.lstrip().startswith("<") and not data.startswith(UTF_16):
        raise ValueError(f"it is not {NAMES}: it starts with {text.strip()[:20]!r}")
    root = xml_root(data)
    for understands_xml, read_xml in _XML:
        if understands_xml(root):
            return read_xml(root, workspace)
    raise ValueError(f"it is not {NAMES}: it starts with <{root.tag[:100]}>")
