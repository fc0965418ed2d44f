"""lint, plan: a server checks a definition where this machine has no engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core.errors import DefinitionError
from workers.cli.session import ask
from workers.cli.shown import as_json, print_json
from workers.client.ports.definitions import Planned, Remark
from workers.views.output import out

if TYPE_CHECKING:
    from workers.client.ports.client import Client

MOST_BYTES = 2**20


def text_of(file: Path) -> str:
    """A definition, bounded. A registered environment has the freezes of its file in it: what is signed has them.

    Raises:
        DefinitionError: SLW601, it cannot be read.
    """
    try:
        with file.open("rb") as opened:
            text = opened.read(MOST_BYTES + 1).decode()
    except (OSError, ValueError) as wrong:
        raise DefinitionError("SLW601", "the file cannot be read", where=str(file), why=str(wrong)) from wrong
    try:
        from pipeline_defs.releases.calendar_files import inlined
        from workers.core.files import Files
    except ModuleNotFoundError:  # a client without the engine reads no YAML: the server tells of the file that it lacks
        return text
    return inlined(text, Files())


def show_remarks(file: Path, remarks: tuple[Remark, ...], *, err: bool = False) -> bool:
    """Prints what is wrong; whether there are errors."""
    for one in remarks:
        out(f"{file}:{one.line}:{one.column}: {one.severity} {one.code}: {one.what}", err=err)
        if one.fix:
            out(f"  to fix it: {one.fix}", err=err)
    return any(one.severity == "error" for one in remarks)


@click.command("lint")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@as_json
@click.pass_context
def lint_(ctx: click.Context, files: tuple[Path, ...], json_: bool) -> None:
    """Check definitions for errors, at the server. What they use from other files is not looked at."""
    texts = {file: text_of(file) for file in files}

    async def asked(client: Client) -> dict[Path, tuple[Remark, ...]]:
        return {file: await client.definitions.lint(text) for file, text in texts.items()}

    found = ask(asked)
    if json_:
        print_json({str(file): remarks for file, remarks in found.items()})
        ctx.exit(2 if any(one.severity == "error" for remarks in found.values() for one in remarks) else 0)
    wrong = sum(show_remarks(file, remarks) for file, remarks in found.items())  # all of them are shown
    ctx.exit(2 if wrong else 0)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--branch", default="main", show_default=True)
@as_json
@click.pass_context
def plan(ctx: click.Context, file: Path, branch: str, json_: bool) -> None:
    """Show which jobs a push to a branch would run, as the server plans it."""
    text = text_of(file)

    async def asked(client: Client) -> Planned:
        return await client.definitions.plan(text, branch)

    found = ask(asked)
    if json_:
        print_json(found)
        ctx.exit(0)
    wrong = show_remarks(file, found.remarks)
    for job in found.jobs:
        out(f"  {job.id:<26} {job.kind:<10} {job.stage:<16} {', '.join(job.needs)}".rstrip())
    ctx.exit(2 if wrong else 0)
