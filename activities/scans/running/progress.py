"""What people who wait for a scan are told meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from domain.core.values import number
from domain.scans.findings.model import ToolReport


class Progress(Protocol):
    """Called in the order in which things happen; must be quick, and raise nothing."""

    def began(self, tool: str) -> None:
        """A scanner starts, or its earlier report is looked for."""
        ...

    def ended(self, report: ToolReport) -> None:
        """It has ended, however it did."""
        ...

    def said(self, text: str) -> None:
        """Anything else, as one line."""
        ...


class Silent:
    """Tells nobody."""

    def began(self, tool: str) -> None:
        """Nothing."""

    def ended(self, report: ToolReport) -> None:
        """Nothing."""

    def said(self, text: str) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Lines:
    """A line as each scanner ends, for whoever takes text only, such as a heartbeat."""

    told: Callable[[str], None]

    def began(self, tool: str) -> None:
        """Nothing."""

    def ended(self, report: ToolReport) -> None:
        """How it ended."""
        self.told(f"{report.tool}: {report.state}, {number(len(report.findings), 'finding')}")

    def said(self, text: str) -> None:
        """As it is."""
        self.told(text)
