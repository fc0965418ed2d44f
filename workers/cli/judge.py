"""judge replay: the judge's verdict on recorded ticks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import click

from domain.core.documents import Object
from domain.core.errors import DefinitionError
from domain.core.values import Json
from domain.releases.judge.policy import Policy
from domain.releases.judge.recording import Series, evidence_of, judge_series
from domain.releases.judge.ticks import tick_from
from workers.cli.judge_simulate import simulate
from workers.cli.policy_file import policy_of
from workers.views.output import out

MAX_PROBLEMS = 20


@click.group()
def judge() -> None:
    """Judge recorded or simulated canaries."""


judge.add_command(simulate)


@judge.command("replay")
@click.argument("file", type=click.File("rb"))
@click.option("--policy", "policy_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--intervals", is_flag=True, help="Add the confidence interval of canary to stable rate for each metric.")
def replay(file: IO[bytes], policy_file: Path | None, intervals: bool) -> None:
    """Judge the ticks of FILE (JSON lines; `-` reads standard input) and print one JSON object per series.

    A line is {"series": NAME, "tick": N, "canary": {"requests", "errors", "slow90", "slow99"}, "stable": {the same}},
    and may have "tick_s" (default 10) and "phi" (default 2). A release records its ticks in this format. POLICY is a
    YAML file with what a definition has under `analysis`.
    """
    policy = policy_of(policy_file)
    tick_s, all_series = _read(file)
    for name, series in all_series.items():
        chosen = policy or Policy()
        if name in tick_s:
            chosen = _with_tick(chosen, tick_s[name])
        judged = judge_series(series, chosen)
        evidence = evidence_of(judged.judge)
        if intervals:
            from domain.releases.judge.recording import ratios

            for metric, found in ratios(series.ticks.values(), judged.judge).items():
                evidence[metric]["ratio"] = [found.low, found.high if found.high < float("inf") else None]
        out(
            json.dumps(
                {
                    "series": name,
                    "verdict": str(judged.verdict),
                    "tick": judged.tick,
                    "reason": judged.reason,
                    "evidence": evidence,
                }
            )
        )


def _with_tick(policy: Policy, tick_s: float) -> Policy:
    from dataclasses import replace

    return replace(policy, tick_s=tick_s)


def _read(file: IO[bytes]) -> tuple[dict[str, float], dict[str, Series]]:
    found: dict[str, Series] = {}
    tick_s: dict[str, float] = {}
    problems: list[str] = []
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            value = _object(line)
            name = str(value.get("series", ""))
            series = found.setdefault(name, Series())
            series.add(tick_from(value))
            if series.phi is None:
                series.phi = _phi(value.get("phi"))
            if "tick_s" in value:
                tick_s.setdefault(name, _positive("tick_s", value["tick_s"]))
        except ValueError as wrong:
            problems.append(f"{file.name}:{number}: {wrong}")
    if problems:
        shown = "\n  ".join(problems[:MAX_PROBLEMS])
        rest = f"\n  and {len(problems) - MAX_PROBLEMS} more" if len(problems) > MAX_PROBLEMS else ""
        raise DefinitionError(
            "SLW507", f"{len(problems)} lines are not valid ticks, and nothing was judged:\n  {shown}{rest}"
        )
    return tick_s, found


def _object(line: bytes) -> Object:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as wrong:
        raise ValueError(f"invalid JSON: {wrong}") from wrong
    if not isinstance(value, dict):
        raise ValueError("the line is not a JSON object")
    return value


def _phi(value: Json) -> float | dict[str, float] | None:
    if value is None:
        return None
    if isinstance(value, Mapping):
        return {str(name): _positive("phi", one) for name, one in value.items()}
    return _positive("phi", value)


def _positive(name: str, value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise ValueError(f"'{name}' is {value!r}, and must be a number greater than 0")
    return float(value)
