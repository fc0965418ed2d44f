"""`python -m tests.corpus.secret_figures FOLDER [--counts FILE.csv]`: how many lines of a folder hold a secret, as JSON lines.

`--counts` names how many lines of each file do hold one, as `path,number` (further columns are ignored): then it says how many
of them were found, at most that number for each file. Nothing of the folder is written anywhere; values are not shown.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from activities.scans.port import Target
from activities.scans.running.scan_runner import Scanning
from activities.scans.scanners.registry import scanners
from activities.scans.secret_hashing import Masked
from domain.scans.findings.model import ToolReport
from workers.core import settings

LIMIT_S = 3_600


async def searched(folder: Path) -> ToolReport:
    with tempfile.TemporaryDirectory() as scratch:
        scanning = Scanning(scanners(settings.load().tools, masked=Masked(b"figures")))
        (report, *_) = await scanning.scan(["secrets"], Target(folder.resolve()), Path(scratch), "figures", LIMIT_S)
    return report


def wanted(path: Path) -> dict[str, int]:
    rows = csv.reader(line for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return {row[0]: int(row[1]) for row in rows if len(row) > 1}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--counts", type=Path)
    parser.add_argument("--lines", action="store_true", help="name each line")
    asked = parser.parse_args()
    began = time.monotonic()
    report = asyncio.run(searched(asked.folder))
    took = round(time.monotonic() - began, 1)
    lines: dict[str, set[int]] = defaultdict(set)
    for one in report.findings:
        lines[one.path].add(one.line)
        if asked.lines:
            print(json.dumps({"path": one.path, "line": one.line, "rule": one.rule, "severity": one.severity}))
    severities = Counter(one.severity.value for one in report.findings)
    print(json.dumps({"state": report.state, "files": report.files_scanned, "seconds": took, "findings": severities}))
    if asked.counts:
        real = wanted(asked.counts)
        found = {name: len(lines[name]) for name in real}
        hit = sum(min(found[name], number) for name, number in real.items())
        more = sum(max(found[name] - number, 0) for name, number in real.items())
        print(json.dumps({"found": hit, "of": sum(real.values()), "more in these files": more}))


if __name__ == "__main__":
    main()
