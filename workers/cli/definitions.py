"""lint, plan, schema: commands that need no engine."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core.errors import DefinitionError
from domain.core.values import number
from domain.core.version import VERSION
from workers.cli.common import as_json, print_json
from workers.cli.start import given
from workers.core.files import Files
from workers.core.identities import beside, placed, registered
from workers.core.settings import current
from workers.views.output import out, out_lines

if TYPE_CHECKING:
    from domain.pipelines.job import Job
    from pipeline_defs.core.checked import Checked
    from pipeline_defs.core.diagnostics import Diagnostic


@click.command("lint")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
@click.pass_context
def lint_(ctx: click.Context, files: tuple[Path, ...], format_: str) -> None:
    """Check definitions: every problem as FILE:LINE:COL with a code. Exit code 2 when there are errors."""
    from pipeline_defs.core import diagnostics

    found = _diagnostics(files)
    if format_ == "json":
        out_lines(diagnostics.as_json(found))
    elif format_ == "sarif":
        out_lines(diagnostics.as_sarif(found, VERSION))
    else:
        for one in found:
            out_lines(str(one))
    wrong = len(diagnostics.errors(found))
    if format_ == "text":
        counts = number(len(files), "file"), number(wrong, "error"), number(len(found) - wrong, "warning")
        out(", ".join(counts), err=True)
    ctx.exit(2 if wrong else 0)


def _diagnostics(files: Iterable[Path]) -> list[Diagnostic]:
    """Of each file in turn, by itself and by what its home and the files beside it say."""
    from pipeline_defs.core.diagnostics import Diagnostic, sort

    read: list[Checked | Diagnostic] = []
    for file in files:
        try:
            read.append(Files().check(file))
        except DefinitionError as unreadable:
            read.append(Diagnostic(unreadable.code, unreadable.what, str(file)))
    here = beside(one for one in read if not isinstance(one, Diagnostic))
    found: list[Diagnostic] = []
    for one in read:
        if isinstance(one, Diagnostic):
            found.append(one)
        else:
            found += sort([*one.diagnostics, *registered(one, current()), *placed(one, current(), here)])
    return found


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--event",
    "kind",
    type=click.Choice(["push", "pull-request", "schedule", "manual"]),
    help="[default: push if the pipeline listens to it, else manual]",
)
@click.option("--branch", default="main", show_default=True)
@click.option("--tag", default="")
@click.option("--changed", multiple=True, help="A changed file; may be given often.")
@click.option("--param", "-p", multiple=True, help="NAME=VALUE; may be given often.")
@click.option("--mermaid", is_flag=True, help="Print a Mermaid flowchart.")
@as_json
def plan(
    file: Path,
    kind: str | None,
    branch: str,
    tag: str,
    changed: tuple[str, ...],
    param: tuple[str, ...],
    mermaid: bool,
    json_: bool,
) -> None:
    """Show the jobs in order, with why each runs or is skipped for an event."""
    from activities.core import serialization as serial
    from domain.pipelines.flowchart import flowchart
    from domain.triggers.events import UNBASED, Event, EventKind, match
    from pipeline_defs.pipelines.compile import compile_plan, pipeline_of
    from pipeline_defs.triggers.compile import listeners
    from workers.client.deliveries import root_of
    from workers.worker.definition_reader import explained

    checked = Files().check(file)
    listened = listeners(pipeline_of(checked).on)
    kind = kind or ("push" if EventKind.PUSH in listened else "manual")
    event = Event(EventKind(kind), branch="" if tag else branch, tag=tag, changed_files=changed, params=given(param))
    event = replace(event, compared=bool(changed) or event.kind not in UNBASED)
    made = compile_plan(checked, event)
    if mermaid:
        out_lines(flowchart(made), nl=False)
        return
    starts = match(event, listened)
    starts = replace(starts, reason=explained(starts.reason, event, made, Files(root_of(file.resolve()))))
    if json_:
        print_json({"starts": starts.starts, "reason": starts.reason, "plan": serial.dump_plain(made)})
        return
    out(f"{made.pipeline}: {'starts' if starts.starts else 'does not start'}: {starts.reason}")
    for stage, jobs in itertools.groupby(made.jobs, lambda job: job.stage):
        out("")
        out(stage)
        for job in jobs:
            needs = f"  after {', '.join(job.needs)}" if job.needs else ""
            out(f"  {job.id:<32} {job.kind!s:<9}{needs}  [{_why(job)}]")


def _why(job: Job) -> str:
    if job.skip:
        return f"skipped: {job.skip}"
    if job.when:
        return f"runs if {job.when}"
    return "runs when its needs have passed" if job.needs else "runs at once"


@click.command()
@click.option(
    "--kind",
    type=click.Choice(["Pipeline", "Component", "Environment", "Policy", "PipelineTest"]),
    default=None,
    help="Only this one.",
)
def schema(kind: str | None) -> None:
    """Print the JSON Schema of definitions, for editors."""
    from pipeline_defs.schema import text

    out_lines(text(kind), nl=False)
