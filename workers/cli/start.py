"""run: runs a file, what an event would start, or a pipeline by its name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core.errors import DefinitionError
from domain.core.values import Scalar
from domain.jobs.result import EXIT_CODES, Status
from workers.cli.common import with_engine
from workers.cli.host import need_host
from workers.cli.session import ask
from workers.cli.shown import as_json, print_json
from workers.client.ports.keys import new_key
from workers.client.ports.runs import StartRun
from workers.core.settings import Settings, current
from workers.views.output import out
from workers.views.style import coloured

if TYPE_CHECKING:
    from domain.triggers.delivery import Delivery
    from pipeline_defs.core.checked import Checked
    from workers.client.client import Engine


@click.command()
@click.argument("what", metavar="[FILE|PIPELINE]", required=False)
@click.option("--branch", default="", help="Of a PIPELINE.  [default: the default branch of its repository]")
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
    what: str | None,
    branch: str,
    kind: str | None,
    repo: Path,
    base: str,
    head: str,
    param: tuple[str, ...],
    detach: bool,
    dry: bool,
    json_: bool,
) -> None:
    """Run FILE as it is now, or what a push or pull request would start, or a PIPELINE by name; and follow it.

    A PIPELINE is one that has run before: its definition is that of the head of a branch. FILE and --event start the
    engine if it is not running, and work on its own machine only. The exit code is that of the run.
    """
    values = given(param)
    if kind is None and not dry and what and not _is_file(what):
        started = [_by_name(what, branch, values)]
    else:
        need_host("run FILE")
        file = Path(what) if what else None
        if dry:
            ctx.exit(_dry(file, values, json_))
        started = _here(file, kind, repo, base, head, values)
    ctx.exit(_to_the_end(started, detach=detach, json_=json_))


def _is_file(what: str) -> bool:
    """Names of pipelines have neither a dot nor a slash."""
    return "." in what or "/" in what or Path(what).is_file()


def _by_name(pipeline: str, branch: str, values: dict[str, Scalar]) -> str:
    key, wanted = new_key(), StartRun(pipeline=pipeline, branch=branch, params=values)
    return ask(lambda client: client.runs.start(wanted, key))


def _here(
    file: Path | None, kind: str | None, repo: Path, base: str, head: str, values: dict[str, Scalar]
) -> list[str]:
    """Runs of a file or an event of this machine.

    Raises:
        InvalidHereError: the engine rejects the definition for its errors.
    """
    if kind is None and file is None:
        raise click.UsageError("pass a FILE, a PIPELINE or --event")
    chosen = current()
    _need_engine(chosen, None if kind else file, values)
    if kind or file is None:
        deliveries = _from_event(kind or "push", repo.resolve(), base, head)
    else:
        deliveries = [_by_hand(chosen, file, values, base)]
    try:
        return with_engine(chosen, lambda engine: _started(engine, deliveries))
    except InvalidHereError:
        if file is not None:
            check(file, values)  # directly from the file, without a limit on their number
        raise


def _to_the_end(started: list[str], *, detach: bool, json_: bool) -> int:
    """Follows each run; the exit code of the last one that did not pass."""
    code = 0
    for id_ in started:
        if detach:
            _recorded(id_)
            out(json.dumps({"run": id_}) if json_ else id_)
        else:
            code = followed(id_, json_=json_) or code
    return code


def _recorded(id_: str) -> None:
    """The next command finds the run. Without a worker none records it: that is told, and not waited for."""
    from workers.views.run_progress import PATIENCE_S, recorded

    ask(lambda client: recorded(client.runs, id_, PATIENCE_S))


def followed(id_: str, *, json_: bool) -> int:
    """Shows a run until it ends; returns its exit code: 2, its definition has errors."""
    from workers.views.run_progress import follow, watcher

    show, close = watcher(json_, id_)
    try:
        last = ask(lambda client: follow(client.runs, id_, show))
    finally:
        close()
    row = last.row
    if json_:
        out(json.dumps({"run": row.id, "status": row.status, "stopped_by": row.stopped_by, "reason": row.reason}))
    else:
        out(f"{id_} ", coloured(row.status), f": {row.reason}")
    if row.status == Status.FAILED and not last.jobs:
        return 2
    return EXIT_CODES.get(Status(row.status), 1) if row.status in set(Status) else 1


def given(param: tuple[str, ...]) -> dict[str, Scalar]:
    """`-p NAME=VALUE` options; the definition determines their types.

    Raises:
        DefinitionError: SLW501, one has no value.
    """
    values: dict[str, Scalar] = {}
    for text in param:
        name, separator, value = text.partition("=")
        if not separator:
            raise DefinitionError("SLW501", f"'{text}' is not NAME=VALUE")
        values[name] = value
    return values


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
    from domain.triggers.events import EventSource
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


async def _started(engine: Engine, deliveries: list[Delivery]) -> list[str]:
    """The runs of deliveries.

    Raises:
        InvalidHereError: the definition was rejected for its errors.
    """
    from domain.triggers.events import UNCOMPARED
    from workers.client import triggers
    from workers.views.deliveries import outcome

    started = []
    for delivery in deliveries:
        answer = await triggers.deliver(engine, delivery)
        if answer.problems:
            raise InvalidHereError("SLW601", "\n".join(answer.problems))
        _, _, notes = answer.reason.partition("; ")
        if notes:
            out(notes.replace(UNCOMPARED, f"{UNCOMPARED} (--base gives it)"), err=True)
        if answer.repeated or not answer.number:
            out(*outcome(delivery.pipeline, answer), err=True)
        if answer.number:
            started.append(answer.run)
    return started


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
    from workers.core.files import Files

    data = Files().need(str(file))
    root = deliveries.root_of(file.resolve())
    name = file.resolve().relative_to(root).as_posix()
    checked = check_definition(data, name, Files(root))
    compile_plan(checked, Event(EventKind.MANUAL, params=values))
    return checked
