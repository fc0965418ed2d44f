"""How a scanner fails; apart from the port, so that a scanner's own process imports little."""

from __future__ import annotations


class ScannerFailed(Exception):  # noqa: N818  (an outcome of a scan, not an error of ours)
    """The tool's output is not a report; the text says why."""
