"""`make bench-judge-clusters`: ten clusters judged each by itself and all together, beside ten releases on their own.

Simulated services at a simulated clock, fixed seeds: the same numbers on every machine. One JSON object a row; the
table for people goes to standard error. REPLICATIONS=50 makes it quicker and coarser, CLUSTERS=4 changes their number.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from statistics import median
from typing import Any

from tests.judge import fleet
from tests.judge import simulation as sim

REPLICATIONS = int(os.environ.get("REPLICATIONS") or 200)
CLUSTERS = int(os.environ.get("CLUSTERS") or 10)
ROWS: dict[str, fleet.Fleet] = {
    row.name: row
    for row in (
        *(fleet.alike(sim.null(base), CLUSTERS) for base in (0.001, 0.01)),
        *(fleet.alike(one, CLUSTERS) for one in (sim.incident(5), sim.BURSTY, sim.COLD)),
        fleet.simpson(CLUSTERS),
        *(fleet.alike(sim.worse(by), CLUSTERS) for by in (0.05, 0.02, 0.01)),
        *(fleet.alike(one, CLUSTERS) for one in (sim.DOWN, sim.TIMES5, sim.LEAK, sim.SLOWER, sim.TAIL)),
        *(fleet.one_of(one, CLUSTERS) for one in (sim.DOWN, sim.worse(0.05), sim.worse(0.01))),
    )
}


def play(row: str, pooling: bool, seed: int) -> fleet.Ended:
    return fleet.release(ROWS[row], seed, pooling)


def alarm(row: str, seed: int) -> bool:
    return fleet.summed_alarm(ROWS[row], seed)


def summary(ended: list[fleet.Ended]) -> dict[str, Any]:
    times = [seconds for one in ended for seconds in one.back.values()]
    pooled = [one.pooled_s for one in ended if one.pooled_s]
    promoted = [one.promoted_s for one in ended if one.promoted_s]
    found: dict[str, Any] = {
        "of": len(ended),
        "clusters_back_percent": round(100 * len(times) / (CLUSTERS * len(ended)), 2),
        "any_back_percent": round(100 * sum(bool(one.back) for one in ended) / len(ended), 2),
        "pooled_back_percent": round(100 * len(pooled) / len(ended), 2),
        "failures": median(one.failures for one in ended),
        "promoted_percent": round(100 * len(promoted) / len(ended), 1),
    }
    for name, values in (("back_s", times), ("pooled_s", pooled), ("promoted_s", promoted)):
        if values:
            found[name] = median(values)
    return found


def main() -> None:
    with ProcessPoolExecutor(int(os.environ.get("PROCESSES") or os.cpu_count() or 1)) as pool:
        wrong = sum(pool.map(partial(fleet.false_safety, n=CLUSTERS), range(REPLICATIONS * 5), chunksize=50))
        print(json.dumps({"row": "called safe at the margin", "wrong": wrong, "of": REPLICATIONS * 5}), flush=True)
        for row in ROWS:
            found = {
                name: summary(list(pool.map(partial(play, row, pooling), range(REPLICATIONS), chunksize=5)))
                for name, pooling in (("alone", False), ("pooled", True))
            }
            alarms = sum(pool.map(partial(alarm, row), range(20)))
            print(json.dumps({"row": row, **found, "summed_alarms_of_20": alarms}), flush=True)
            print(f"{row:<30}{_cell(found['alone'])}   |{_cell(found['pooled'])}", file=sys.stderr, flush=True)


def _cell(found: dict[str, Any]) -> str:
    """Clusters that went back, releases that the pool took back, failed requests, promotion."""
    back = f"{found['clusters_back_percent']:>6g} % {found.get('back_s', 0):>5g} s"
    pooled = f"{found['pooled_back_percent']:>6g} % {found.get('pooled_s', 0):>5g} s"
    return f"{back}{pooled}{found['failures']:>7g}{found['promoted_percent']:>7g} % {found.get('promoted_s', 0):>5g} s"


if __name__ == "__main__":
    main()
