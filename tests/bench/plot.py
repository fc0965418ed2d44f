"""`make bench | python -m tests.bench.plot`: the table and the chart of docs/performance.md, from the rows of the bench."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any


def page(rows: Iterable[dict[str, Any]]) -> str:
    grows = sorted((int(row["name"].partition("_")[2]), row) for row in rows if str(row["name"]).startswith("grows_"))
    lines = [
        "| jobs in a chain | time | bare Temporal | events | bare | bytes of history |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {count} | {row['value']:,.0f} ms | {row['baseline']:,.0f} ms | {row['events']:,} | {row['bare_events']:,}"
        f" | {row['bytes']:,} |"
        for count, row in grows
    ]
    counts = ", ".join(str(count) for count, _ in grows)
    ours = ", ".join(f"{row['value'] / 1000:.2f}" for _, row in grows)
    bare = ", ".join(f"{row['baseline'] / 1000:.2f}" for _, row in grows)
    chart = [
        "```mermaid",
        "xychart-beta",
        '    title "A chain of jobs: seconds, with the engine and without"',
        f'    x-axis "jobs" [{counts}]',
        '    y-axis "seconds"',
        f"    line [{ours}]",
        f"    line [{bare}]",
        "```",
    ]
    return "\n".join([*lines, "", *chart])


if __name__ == "__main__":
    print(page(json.loads(line) for line in sys.stdin if line.startswith("{")))
