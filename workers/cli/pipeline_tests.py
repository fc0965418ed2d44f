"""test: unit tests of pipelines, in virtual time."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core.errors import DefinitionError
from domain.core.values import number
from workers.cli.common import as_json, print_json
from workers.views.output import out, out_lines, styled

if TYPE_CHECKING:
    from workers.simulation.suite import CaseResult, TestSuite

WATCH_POLL_S = 0.5


@click.command("test")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--filter", "-k", "part", default="", help="Only cases whose names contain this.")
@click.option("--junit", type=click.Path(path_type=Path), help="Write JUnit XML here.")
@click.option("--coverage", is_flag=True, help="List jobs and conditions that no case reached.")
@click.option("--watch", is_flag=True, help="Run again when a file changes.")
@as_json
@click.pass_context
def test_(
    ctx: click.Context,
    files: tuple[Path, ...],
    part: str,
    junit: Path | None,
    coverage: bool,
    watch: bool,
    json_: bool,
) -> None:
    """Run the test cases in FILES, or in every *.test.yaml below this folder.

    The production workflows run on a server that skips time: an approval that expires after a day takes a moment.
    Jobs, scans, traffic and decisions are mocked by the case. Exit code 1 when a case failed, 2 when a file is
    invalid.
    """
    while True:
        chosen = files or tuple(found(Path()))
        if not chosen:
            raise DefinitionError("SLW931", "no *.test.yaml found", fix="write one; docs/testing.md shows how")
        code = _round(chosen, part, junit, coverage, json_)
        if not watch:
            ctx.exit(code)
        _wait_for_change()


def found(folder: Path) -> list[Path]:
    """Files `*.test.yml` and `*.test.yaml` below a folder, sorted; hidden folders but `.sluiceway` are left out."""
    return [
        path
        for path in sorted(folder.rglob("*.test.y*ml"))
        if not any(part.startswith(".") and part != ".sluiceway" for part in path.parts)
    ]


def _round(files: tuple[Path, ...], part: str, junit: Path | None, coverage: bool, json_: bool) -> int:
    from pipeline_defs.core.diagnostics import errors
    from workers.simulation import suite

    books = [suite.TestSuite.read(path) for path in files]
    problems = [problem for book in books for problem in book.problems]
    for problem in problems:
        out_lines(str(problem), err=True)
    if errors(problems):
        return 2
    logging.disable(logging.WARNING)
    say = (lambda one: None) if json_ else _say
    played = asyncio.run(_play(books, part, say))
    reached = {book.file: suite.coverage(book, [one for one in played if one.file == book.file]) for book in books}
    if junit:
        junit.write_text(suite.junit(played))
    if json_:
        print_json([{**asdict(one), "fine": one.fine} for one in played])
        return int(not all(one.fine for one in played))
    if coverage:
        for file, gaps in reached.items():
            for gap in gaps:
                out(f"{file}: {gap.job} {gap.what}")
    failed = sum(not one.fine for one in played)
    seconds = sum(one.seconds for one in played)
    out(f"{number(len(played), 'case')}, {failed} failed, {seconds:.1f} s")
    return int(failed > 0)


async def _play(books: list[TestSuite], part: str, say: Callable[[CaseResult], None]) -> list[CaseResult]:
    from workers.simulation import suite
    from workers.simulation.environment import SimulationEnvironment

    played: list[CaseResult] = []
    with tempfile.TemporaryDirectory() as folder:
        async with SimulationEnvironment.open(Path(folder)) as stage:
            for book in books:
                assert book.tests is not None
                for case in book.tests.cases:
                    if part in case.name:
                        played += await suite.run_cases(stage, book, [case])
                        say(played[-1])
    return played


def _say(one: CaseResult) -> None:
    from workers.simulation import suite

    mark = styled("✓", "green") if one.fine else styled("✗", "red")
    out(mark, f" {one.file}: {one.case} ({one.seconds:.2f} s)")
    if not one.fine:
        for line in suite.explain(one):
            out(f"    {line}")


def _wait_for_change() -> None:
    before = _times()
    out("waiting for changes")
    while _times() == before:
        time.sleep(WATCH_POLL_S)


def _times() -> dict[Path, float]:
    return {path: path.stat().st_mtime for path in Path().rglob("*.y*ml") if path.is_file()}
