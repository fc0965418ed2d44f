"""judge simulate: what a release to several clusters finds, how soon, and how often it is wrong."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from domain.releases.judge.policy import Policy
from domain.releases.judge.simulation import fleet
from domain.releases.judge.simulation.fleet import Summary
from workers.cli.policy_file import policy_of
from workers.simulation.chance import Seeded
from workers.views.output import out

MARGIN_TRIALS = 5
"""Trials at the margin for each replication: they are ten simulated minutes long, the others up to an hour."""
HEAD = f"{'':<30}{'each on its own':^46} | {'judged together':^66}"
ALONE = f"{'clusters back':>20}{'failed':>8}{'promoted':>18}"
TOGETHER = f"{'clusters back':>20}{'all back':>20}{'failed':>8}{'promoted':>18}"


@dataclass(frozen=True)
class Trial:
    """One row, to be played with many seeds; what it has goes to other processes."""

    row: str
    clusters: int
    per_s: float
    policy: Policy
    pooling: bool = False

    def play(self, seed: int) -> fleet.Ended:
        """One release."""
        row = fleet.rows(self.clusters, self.per_s)[self.row]
        return fleet.release(row, seed, Seeded, self.pooling, self.policy)


@click.command("simulate")
@click.option("--clusters", type=click.IntRange(1, 200), default=10, show_default=True)
@click.option(
    "--rate",
    type=click.FloatRange(0.01, 10_000),
    default=5.0,
    show_default=True,
    help="Requests/s in each cluster.",
)
@click.option("--replications", type=click.IntRange(1, 100_000), default=20, show_default=True, help="Releases a row.")
@click.option("--row", "chosen", multiple=True, help="Only rows whose name contains this; may be given several times.")
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Of `analysis`.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--processes", type=click.IntRange(1, 256), default=None, help="At a time; default: one for each CPU.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row.")
def simulate(
    clusters: int,
    rate: float,
    replications: int,
    chosen: tuple[str, ...],
    policy_file: Path | None,
    seed: int,
    processes: int | None,
    as_json: bool,
) -> None:
    """Release healthy and faulty versions to simulated clusters, each judged on its own and all judged together.

    A row is a kind of version. It shows how many clusters went back and after how many seconds (medians, within an
    hour), failed requests of the new version in all clusters, and how many releases were promoted. Rows with a healthy
    version show false rollbacks. A policy file has what a definition has under `analysis`. The clock is simulated; the
    same seed gives the same figures.
    """
    rows = fleet.rows(clusters, rate)
    names = [name for name in rows if not chosen or any(one in name for one in chosen)]
    if not names:
        raise click.BadParameter(f"no row's name contains {' or '.join(chosen)}; there are {', '.join(rows)}")
    policy, seeds = policy_of(policy_file) or fleet.POLICY, range(seed, seed + replications)
    with ProcessPoolExecutor(processes or os.cpu_count() or 1) as pool:
        if not as_json:
            out(HEAD)
            out(f"{'version':<30}{ALONE} | {TOGETHER}")
        for name in names:
            trials = [Trial(name, clusters, rate, policy, pooling) for pooling in (False, True)]
            with _progress(name, 2 * replications) as told:
                alone, together = (
                    fleet.summary(told(pool.map(one.play, seeds, chunksize=5)), clusters) for one in trials
                )
            out(_json(name, alone, together) if as_json else f"{name:<30}{_alone(alone)} | {_together(together)}")
        if clusters > 1 and not chosen:
            _margin(pool, clusters, range(seed, seed + replications * MARGIN_TRIALS), as_json)


def _margin(pool: ProcessPoolExecutor, clusters: int, seeds: range, as_json: bool) -> None:
    """How often a version whose average excess is exactly the margin is called safe: at most beta, 5 %."""
    trial, name = partial(fleet.false_safety, deal=Seeded, n=clusters), "called safe at the margin"
    with _progress(name, len(seeds)) as told:
        wrong = sum(told(pool.map(trial, seeds, chunksize=25)))
    told_so = {"row": name, "wrong": wrong, "of": len(seeds)}
    out(json.dumps(told_so) if as_json else f"{name}: {wrong} of {len(seeds)}")


@contextmanager
def _progress(name: str, length: int) -> Iterator[Callable[[Iterable[Any]], list[Any]]]:
    """Counts on standard error, where that is a terminal."""
    with click.progressbar(length=length, label=name, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def told(found: Iterable[Any]) -> list[Any]:
            each = []
            for one in found:
                each.append(one)
                bar.update(1)
            return each

        yield told


def _json(name: str, alone: Summary, together: Summary) -> str:
    return json.dumps({"row": name, "alone": asdict(alone), "pooled": asdict(together)})


def _alone(found: Summary) -> str:
    back = f"{found.clusters_back_percent:g} % {found.back_s:g} s"
    return f"{back:>20}{found.failures:>8g}{_promoted(found):>18}"


def _together(found: Summary) -> str:
    back = f"{found.clusters_back_percent:g} % {found.back_s:g} s"
    pooled = f"{found.pooled_back_percent:g} % {found.pooled_s:g} s"
    return f"{back:>20}{pooled:>20}{found.failures:>8g}{_promoted(found):>18}"


def _promoted(found: Summary) -> str:
    return f"{found.promoted_percent:g} % {found.promoted_s:g} s"
