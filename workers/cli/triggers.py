"""hook: starts runs from pushes to a Git repository."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.access.actions import Action
from domain.core.errors import SluicewayError
from domain.triggers.events import EventSource
from workers.cli.common import with_engine
from workers.cli.recorded import recorded
from workers.core.settings import Settings, current
from workers.views.deliveries import outcome
from workers.views.output import error_text, out, out_lines

if TYPE_CHECKING:
    from domain.triggers.delivery import Delivery
    from workers.client.client import Engine

_HOOK = """#!/bin/sh
# installed by `sluiceway hook install`: every push is handed to the engine of this home, or at this address
{settings} exec {program} hook receive --repo {repo}{starters}
"""


@click.group()
def hook() -> None:
    """Start runs from pushes to a bare Git repository."""


@hook.command("install")
@click.argument("repo", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--starters",
    type=click.Choice([EventSource.SSH.value]),
    help="ssh: only forced commands of SSH keys reach this repository, and they set SLUICEWAY_ACTOR.",
)
@recorded(Action.DEFINITIONS_APPLY)
def install(repo: Path, starters: str | None) -> None:
    """Install a post-receive hook. An existing hook is never replaced."""
    chosen = current()
    repo = repo.resolve()
    folder = repo / "hooks" if (repo / "HEAD").exists() else repo / ".git" / "hooks"
    if not folder.parent.exists() or not (folder.parent / "HEAD").exists():
        raise SluicewayError("SLW504", "not a git repository", where=str(repo))
    target = folder / "post-receive"
    if folder.is_symlink() or target.is_symlink():
        why = "the hook, or the folder of hooks, is a link"
        raise SluicewayError("SLW070", "parts of the repository lie elsewhere", where=str(target), why=why)
    folder.mkdir(exist_ok=True)
    if target.exists() and "sluiceway hook install" not in target.read_text(errors="replace"):
        raise SluicewayError(
            "SLW509",
            "a post-receive hook exists already",
            where=str(target),
            fix="call `sluiceway hook receive` from it",
        )
    program = Path(sys.argv[0]).resolve()
    known = {"HOME": str(chosen.home), "ADDRESS": chosen.address, "NAMESPACE": chosen.namespace}
    settings = " ".join(f"SLUICEWAY_{name}={shlex.quote(value)}" for name, value in known.items())
    words = {"settings": settings, "program": shlex.quote(str(program)), "repo": shlex.quote(str(repo))}
    words["starters"] = f" --actor-from {starters}" if starters else ""
    target.write_text(_HOOK.format(**words))
    target.chmod(0o755)
    where = f"at {chosen.address}" if chosen.address else f"of {chosen.home}"
    out(f"pushes to {repo} now start runs in the engine {where}")


@hook.command("receive")
@click.option("--repo", required=True, type=click.Path(path_type=Path))
@click.option("--actor", default=lambda: os.environ.get("SLUICEWAY_ACTOR", ""), help="Who pushed.")
@click.option("--actor-from", default="", type=click.Choice(["", EventSource.SSH.value]), help="What knows who pushed.")
def receive(repo: Path, actor: str, actor_from: str) -> None:
    """Start runs for the refs on standard input, one OLD NEW REF per line. Called by the hook; never fails the push.

    A ref that moves as it did before, for example a tag pushed a second time, starts another run; the same lines once
    more start none.
    """
    chosen = current()
    deliveries = [found for line in sys.stdin.buffer for found in _pushed(chosen, repo, line, actor, actor_from)]
    if not deliveries:
        out("sluiceway: this push starts nothing")
        return

    async def deliver(engine: Engine) -> None:
        from workers.client import triggers

        for delivery in deliveries:
            answer = await triggers.deliver(engine, delivery)
            out("sluiceway: ", *outcome(delivery.pipeline, answer))

    with_engine(chosen, deliver)


def _pushed(chosen: Settings, repo: Path, line: bytes, actor: str, actor_from: str) -> list[Delivery]:
    """The deliveries of one pushed ref; what starts nothing is told, and keeps the other refs from nothing."""
    from workers.client import deliveries as trigger

    fields = line.strip().split(b" ", 2)
    if len(fields) != 3:
        return []
    old, new, ref = (field.decode("utf-8", "backslashreplace") for field in fields)
    if ref.encode() != fields[2]:
        out(f"sluiceway: the name of {ref} is not UTF-8: it starts nothing")
        return []
    time = trigger.remembered_move(chosen.home / "pushed", repo.resolve(), old, new, ref)
    try:
        if why := trigger.why_nothing(repo, new, ref):
            out(f"sluiceway: {why}: it starts nothing")
            return []
        found = trigger.push(repo, old, new, ref, actor, time=time, actor_from=actor_from)
        for why in trigger.definition_paths(repo, found[0].event.commit if found else new)[1]:
            out(f"sluiceway: {why}")
    except SluicewayError as broken:
        out(f"sluiceway: {ref} starts nothing:")
        out_lines(error_text(broken))
        return []
    if not found:
        out(f"sluiceway: no pipeline definition in {ref}")
    return found
