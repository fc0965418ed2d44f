"""Report formats by the name that `--format` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from activities.scans.formats import gitlab, html, junit, markdown, openvex, sarif
from activities.scans.formats import json_report as plain
from domain.scans.findings.model import ScanReport

FORMATS: Mapping[str, Callable[[ScanReport], str]] = {
    "json": plain.write,
    "sarif": sarif.write,
    "html": html.write,
    "junit": junit.write,
    "markdown": markdown.write,
    "gitlab": gitlab.write,
    "openvex": openvex.write,
}
