"""`make bench-judge`: the acceptance table in full, ours beside the documented settings of three other judges.

Simulated services at a simulated clock, fixed seeds: the same numbers on every machine. One JSON object a row; the
table for people goes to standard error. REPLICATIONS=100 makes it quicker and coarser.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from statistics import median, quantiles
from typing import Any

from domain.releases.judge.simulation import services
from tests.judge import peers
from tests.judge import simulation as sim
from tests.judge.test_acceptance import HEALTHY, PROMOTED, WORSE

FULL = int(os.environ.get("REPLICATIONS") or 0)
NULL, REGRESSION, PEER, KAYENTA = FULL or 2000, FULL or 500, FULL or 500, FULL // 4 or 100
JUDGES: dict[str, Callable[[services.Scenario, float, int], sim.Outcome]] = {
    "ours": sim.release,
    "flagger": peers.flagger,
    "argo": peers.argo,
    "kayenta": peers.kayenta,
}
ROWS: dict[str, tuple[services.Scenario, float]] = {
    **{f"{name} at {per_s}/s": (scenario, per_s) for name, scenario, _ in HEALTHY for per_s in (1, 50, 2000)},
    **{f"{row} {scenario.name} at {per_s}/s": (scenario, per_s) for row, scenario, per_s, *_ in WORSE},
    **{f"{row} {scenario.name}": (scenario, per_s) for row, scenario, per_s, _ in PROMOTED},
}


def play(job: tuple[str, str, int, int]) -> list[sim.Outcome]:
    row, judge, first, last = job
    scenario, per_s = ROWS[row]
    return [JUDGES[judge](scenario, per_s, seed) for seed in range(first, last)]


ALONE: dict[str, Callable[[int], bool]] = {
    "A6 e-process alone, false alarms in 6 h": sim.false_alarm,
    "A7 called safe at the margin": sim.false_safety,
}
"""Rows without a ramp; no other judge has what they measure."""


def alone(job: tuple[str, int, int]) -> int:
    row, first, last = job
    return sum(ALONE[row](seed) for seed in range(first, last))


def replications(row: str, judge: str) -> int:
    if judge == "kayenta":
        return KAYENTA
    return (NULL if row.startswith("A") else REGRESSION) if judge == "ours" else PEER


def summary(outcomes: list[sim.Outcome]) -> dict[str, Any]:
    back = [one for one in outcomes if one.rolled_back]
    on = [one for one in outcomes if not one.rolled_back]
    found: dict[str, Any] = {"rolled_back_percent": round(100 * len(back) / len(outcomes), 2), "of": len(outcomes)}
    if back:
        found["rollback_s"] = {"median": median(one.seconds for one in back), "p95": _p95([o.seconds for o in back])}
        found["failures"] = {"median": median(o.failures for o in back), "p95": _p95([o.failures for o in back])}
    if on:
        found["promotion_s"] = median(one.seconds for one in on)
        found["proven_percent"] = round(100 * sum(one.proven for one in on) / len(on), 1)
    return found


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def main() -> None:
    with ProcessPoolExecutor() as pool:
        print(f"{'':<38}" + "".join(f"{judge:>22}" for judge in JUDGES), file=sys.stderr)
        for row in ALONE:
            wrong = sum(pool.map(alone, [(row, at, min(at + 50, NULL)) for at in range(0, NULL, 50)]))
            percent = round(100 * wrong / NULL, 2)
            print(json.dumps({"row": row, "ours": {"wrong_percent": percent, "of": NULL}}), flush=True)
            print(f"{row:<38} {percent:>20g} %", file=sys.stderr, flush=True)
        for row in ROWS:
            found = {}
            for judge in JUDGES:
                count = replications(row, judge)
                jobs = [(row, judge, at, min(at + 50, count)) for at in range(0, count, 50)]
                found[judge] = summary([one for part in pool.map(play, jobs) for one in part])
            print(json.dumps({"row": row, **found}), flush=True)
            print(f"{row:<38}" + "".join(f"{_cell(one):>22}" for one in found.values()), file=sys.stderr, flush=True)


def _cell(found: dict[str, Any]) -> str:
    """Rolled back, and how soon at how many failures; or when it was promoted."""
    percent = f"{found['rolled_back_percent']:g} %"
    if found["rolled_back_percent"] >= 50:
        return f"{percent} {found['rollback_s']['median']:.0f} s/{found['failures']['median']:.0f}"
    return f"{percent}" + (f" ->{found['promotion_s']:.0f} s" if "promotion_s" in found else "")


if __name__ == "__main__":
    main()
