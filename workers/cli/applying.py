"""apply: registers environments and policies wherever one asks, and schedules of a working copy in the home."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.access.actions import Action
from workers.cli.recorded import recorded
from workers.cli.registering import apply_texts
from workers.cli.session import ask, is_near
from workers.cli.texts import show_remarks, text_of
from workers.cli.vouched import key_option, yes_option
from workers.core.settings import current
from workers.views.output import out, out_lines

if TYPE_CHECKING:
    from domain.core.values import Json
    from pipeline_defs.core.checked import Checked
    from pipeline_defs.pipelines.model import Pipeline
    from workers.client.client import Engine
    from workers.client.ports.client import Client
    from workers.client.ports.definitions import Remark


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@key_option
@yes_option
@click.pass_context
def apply(ctx: click.Context, files: tuple[Path, ...], key: Path | None, yes: bool) -> None:
    """Register environments and policies; in the home, also pipeline schedules. All files are checked first.

    At a server, you sign what is registered. A schedule runs the branch that is checked out where the file is, at its
    latest commit.
    """
    if is_near():
        _near(files)
        return
    texts = {file: text_of(file) for file in files}
    found = ask(lambda client: _remarks(client, texts))
    if sum(show_remarks(file, remarks, err=True) for file, remarks in found.items()):  # all of them are shown
        ctx.exit(2)
    apply_texts(list(texts.values()), key, yes=yes)


async def _remarks(client: Client, texts: dict[Path, str]) -> dict[Path, tuple[Remark, ...]]:
    return {file: await client.definitions.lint(text) for file, text in texts.items()}


def _near(files: tuple[Path, ...]) -> None:
    """In the home, which has the files that a pipeline uses."""
    from domain.authority.documents import KINDS
    from workers.core.files import Files
    from workers.core.identities import registered

    found = [Files().check(file) for file in files]
    kinds: list[str] = [one.valid().document.kind for one in found]  # type: ignore[attr-defined]
    for one in found:
        for warning in (*one.diagnostics, *registered(one, current())):
            out_lines(str(warning), err=True)
    for file, one, kind in zip(files, found, kinds, strict=True):
        if kind in KINDS:
            apply_texts([text_of(file)], None, yes=True)
        else:
            _in_home(file, one)


@recorded(Action.DEFINITIONS_APPLY)
def _in_home(file: Path, checked: Checked) -> None:
    """What no server registers: it is of this machine."""
    import json

    from pipeline_defs.pipelines.model import Pipeline
    from workers.cli.common import records

    document = checked.valid().document
    kind, name = str(document.kind), str(document.name)  # type: ignore[attr-defined]
    known, text = records(current()).definitions, document.model_dump_json()
    before = known.get(kind, name)
    known.save(kind, name, text)
    out(f"{kind} {name} {'unchanged' if before == json.loads(text) else 'changed' if before else 'registered'}")
    if isinstance(document, Pipeline):
        _schedule(file, document, known.get("Schedule", name))


def _schedule(file: Path, document: Pipeline, had: Json) -> None:
    """The pipeline's cron times, as a schedule of the checked-out branch."""
    import json

    from activities.source import git
    from activities.triggers.port import ScheduledDelivery
    from domain.core.documents import Node
    from workers.cli.common import records, with_engine
    from workers.client import deliveries as trigger

    times = [(entry.cron, entry.time_zone) for entry in document.on.schedule]
    before = [(cron, zone) for cron, zone in (entry.texts() for entry in Node(had))]
    if not times and not before:
        return
    root = trigger.root_of(file.resolve())
    path = file.resolve().relative_to(root).as_posix()
    what = ScheduledDelivery(document.name, str(root), path, git.branch(root))
    chosen = current()

    async def schedule(engine: Engine) -> str:
        from workers.client import triggers

        return await triggers.schedule(engine, what, times, before)

    id_ = with_engine(chosen, schedule)
    records(chosen).definitions.save("Schedule", document.name, json.dumps(times))
    out(f"  {id_}: {', '.join(f'{cron} {zone}' for cron, zone in times) or 'removed'}")
