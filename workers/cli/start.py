"""run: runs a file, or what an event would start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core.errors import DefinitionError
from domain.core.values import Scalar
from domain.jobs.result import EXIT_CODES, Status
from domain.triggers.events import UNCOMPARED, EventSource
from workers.cli.common import as_json, listing, print_json, with_engine
from workers.cli.definitions import given
from workers.core.files import Files
from workers.core.settings import Settings, current
from workers.views.deliveries import outcome
from workers.views.output import out
from workers.views.style import coloured

if TYPE_CHECKING:
    from domain.triggers.delivery import Delivery
    from pipeline_defs.core.checked import Checked
    from workers.client.client import Engine


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--event", "kind", type=click.Choice(["push", "pull-request"]), help="Start what this event would start.")
@click.option(
    "--repo",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Repository for --event.  [default: the current folder]",
)
@click.option(
    "--base",
    default="",
    help="The commit or branch to compare with. Without it, every file of a FILE counts as changed.",
)
@click.option("--head", default="HEAD", show_default=True, help="For --event: the commit.")
@click.option("--param", "-p", multiple=True, help="NAME=VALUE; repeatable.")
@click.option("--detach", "-d", is_flag=True, help="Print the name of the run and return.")
@click.option("--dry", is_flag=True, help="Simulate: jobs are mocked, approvals are given.")
@as_json
@click.pass_context
def run(
    ctx: click.Context,
    file: Path | None,
    kind: str | None,
    repo: Path,
    base: str,
    head: str,
    param: tuple[str, ...],
    detach: bool,
    dry: bool,
    json_: bool,
) -> None:
    """Run FILE as it is now, or what a push or pull request would start, and follow it.

    Starts the engine if it is not running. The exit code is that of the run.
    """
    chosen, values = current(), given(param)
    if dry:
        ctx.exit(_dry(file, values, json_))
    if kind is None and file is None:
        raise click.UsageError("pass a FILE or --event")
    _need_engine(chosen, None if kind else file, values)
    if kind:
        deliveries = _from_event(kind, repo.resolve(), base, head)
    else:
        assert file is not None
        deliveries = [_by_hand(chosen, file, values, base)]

    async def start(engine: Engine) -> Status:
        return await _start(engine, deliveries, detach, json_)

    try:
        status = with_engine(chosen, start)
    except InvalidHereError:
        assert file is not None
        check(file, values)  # directly from the file, without a limit on their number
        raise
    bad_definition = any(_definition_failed(chosen, status, d.pipeline) for d in deliveries)
    ctx.exit(2 if bad_definition else EXIT_CODES.get(status, 1))


class InvalidHereError(DefinitionError):
    """A definition with errors, rejected by the engine: one problem per line."""

    def __str__(self) -> str:
        return self.what


def _need_engine(chosen: Settings, file: Path | None, values: dict[str, Scalar]) -> None:
    """Starting an engine takes seconds, so the file is checked first."""
    from workers.engine import embedded as engine

    if chosen.address or engine.is_up(chosen):
        return
    if file is not None:
        check(file, values)
    engine.up(chosen)


def _dry(file: Path | None, values: dict[str, Scalar], json_: bool) -> int:
    import asyncio
    import logging
    from dataclasses import asdict

    from workers.simulation.dry_run import dry_run

    if file is None:
        raise click.UsageError("--dry requires a FILE")
    checked = check(file, values)
    logging.disable(logging.WARNING)
    seen = asyncio.run(dry_run(checked, values))
    if json_:
        print_json(asdict(seen))
    else:
        for id_, result in seen.jobs.items():
            out(f"  {id_:<26} ", coloured(result.status, 10), f" {result.reason}")
        out("dry ", coloured(seen.status), f": {seen.reason}")
    return EXIT_CODES.get(Status(seen.status), 1) if seen.status in set(Status) else 1


def _by_hand(chosen: Settings, file: Path, values: dict[str, Scalar], base: str) -> Delivery:
    from activities.source.mirrors import Mirrors
    from workers.client import deliveries
    from workers.client.client import new_delivery_id

    return deliveries.by_hand(file, Mirrors(chosen.mirrors), values, new_delivery_id("manual"), base)


def _from_event(kind: str, repo: Path, base: str, head: str) -> list[Delivery]:
    """The deliveries of an event.

    Raises:
        DefinitionError: SLW601, the commit has no definition.
    """
    from activities.source import git
    from workers.client import deliveries

    if kind == "pull-request":
        found = deliveries.pull_request(repo, base or "main", head, deliveries.me())
    else:
        old = git.resolve(repo, base) if base else "0" * 40
        symbolic = head == "HEAD"
        ref = git.read("symbolic-ref", "-q", "HEAD", repo=repo).decode().strip() if symbolic else f"refs/heads/{head}"
        found = deliveries.push(repo, old, git.resolve(repo, head), ref, deliveries.me(), actor_from=EventSource.SYSTEM)
    if not found:
        why = "it has neither sluiceway.yaml nor files in .sluiceway/"
        raise DefinitionError("SLW601", f"commit {head} has no definition", where=str(repo), why=why)
    return found


async def _start(engine: Engine, deliveries: list[Delivery], detach: bool, json_: bool) -> Status:
    """Starts each and follows it; returns the status of the last one that did not pass.

    Raises:
        InvalidHereError: the definition was rejected for its errors.
    """
    from workers.client import triggers

    worst = Status.PASSED
    for delivery in deliveries:
        answer = await triggers.deliver(engine, delivery)
        if answer.problems:
            raise InvalidHereError("SLW601", "\n".join(answer.problems))
        _, _, notes = answer.reason.partition("; ")
        if notes:
            out(notes.replace(UNCOMPARED, f"{UNCOMPARED} (--base gives it)"), err=True)
        if answer.repeated or not answer.number:
            out(*outcome(delivery.pipeline, answer), err=True)
        if not answer.number:
            continue
        if detach:
            out(json.dumps({"run": answer.run}) if json_ else answer.run)
        else:
            status = await follow_run(engine, answer.run, json_)
            worst = status if status is not Status.PASSED else worst
    return worst


async def follow_run(engine: Engine, run: str, json_: bool) -> Status:
    """Shows a run until it ends; returns its result."""
    from workers.views.run_progress import follow, watcher

    show, close = watcher(json_, run)
    try:
        view = await follow(engine, run, show)
    finally:
        close()
    if json_:
        last = {"run": view.id, "status": view.status, "stopped_by": view.stopped_by, "reason": view.reason}
        out(json.dumps(last))
    else:
        out(f"{run} ", coloured(view.status), f": {view.reason}")
    return Status(view.status)


def check(file: Path, values: dict[str, Scalar]) -> Checked:
    """Checks the file for a manual run.

    Raises:
        InvalidDefinitionError: with all errors of the file.
        DefinitionError: it cannot be read, or a parameter is invalid.
    """
    from domain.triggers.events import Event, EventKind
    from pipeline_defs.documents import check as check_definition
    from pipeline_defs.pipelines.compile import compile_plan
    from workers.client import deliveries

    data = Files().need(str(file))
    root = deliveries.root_of(file.resolve())
    name = file.resolve().relative_to(root).as_posix()
    checked = check_definition(data, name, Files(root))
    compile_plan(checked, Event(EventKind.MANUAL, params=values))
    return checked


def _definition_failed(chosen: Settings, status: Status, pipeline: str) -> bool:
    if status is not Status.FAILED:
        return False
    last = listing(chosen).runs.latest(pipeline, 1)
    return bool(last) and not last[0]["plan"]
