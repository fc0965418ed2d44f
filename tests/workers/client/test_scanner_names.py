"""A folder and a pipeline are scanned with the same scanners."""

from __future__ import annotations

from pipeline_defs.scans.model import Scan
from workers.client.scanner_names import TOOLS


def test_a_scan_job_without_tools_runs_what_a_local_scan_runs() -> None:
    assert tuple(Scan().tools) == TOOLS
