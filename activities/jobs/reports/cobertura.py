"""Cobertura XML, as coverage.py, gcovr, coverlet, istanbul and others write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from activities.jobs.reports.counts import branches, ran, whole
from activities.jobs.reports.places import Places
from domain.jobs.coverage import Measured

_CONDITIONS = re.compile(r"\((\d{1,9})/(\d{1,9})\)")


def understands(root: Element) -> bool:
    """Whether this is such a report."""
    return root.tag == "coverage" and (root.find("packages") is not None or root.get("line-rate") is not None)


def read(root: Element, workspace: Path) -> Iterator[Measured]:
    """The lines of each class, and the numbers of their conditions. The lines of its methods repeat them."""
    places = Places(workspace, [source.text or "" for source in root.iterfind("sources/source")])
    for each in root.iter("class"):
        file = places.of(each.get("filename") or each.get("name") or "")
        lines = each.findall("lines/line") or each.findall("methods/method/lines/line")
        for line in lines:
            number = whole(line, "number")
            yield Measured(file, number, ran(line, "hits"))
            if found := _CONDITIONS.search(line.get("condition-coverage") or ""):
                yield from branches(file, number, int(found.group(1)), int(found.group(2)))
