"""The rows that were measured, printed as they come."""

from __future__ import annotations

import json

from domain.core.values import Json

ROWS: dict[str, dict[str, Json]] = {}


def row(name: str, value: float, unit: str, baseline: float | None, goal: str, ok: bool, **more: Json) -> None:
    ratio = round(value / baseline, 3) if baseline else None
    rounded = round(baseline, 3) if baseline is not None else None
    ROWS[name] = {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "baseline": rounded,
        "ratio": ratio,
        "goal": goal,
        "ok": ok,
        **more,
    }
    print(json.dumps(ROWS[name]), flush=True)
