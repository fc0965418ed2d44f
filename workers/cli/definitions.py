"""lint, plan, schema: what can be said of a definition without an engine."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core.errors import DefinitionError
from workers.cli.common import as_json, print_json
from workers.core.files import Files

if TYPE_CHECKING:
    from domain.pipelines.job import Job


@click.command("lint")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
@click.pass_context
def lint_(ctx: click.Context, files: tuple[Path, ...], format_: str) -> None:
    """Check definitions: every problem as FILE:LINE:COL with a code. Exit code 2 when there are errors."""
    from pipeline_defs.core import diagnostics as problems
    from pipeline_defs.pipelines.lint import lint

    found: list[problems.Problem] = []
    for file in files:
        data = Files()(str(file))
        if data is None:
            found.append(problems.Problem("SLW601", "the file cannot be read", str(file)))
            continue
        found += lint(data, str(file), Files())[1]
    if format_ == "json":
        click.echo(problems.as_json(found))
    elif format_ == "sarif":
        click.echo(problems.as_sarif(found, "0.1.0"))
    else:
        for problem in found:
            click.echo(str(problem))
    wrong = problems.errors(found)
    if format_ == "text":
        click.echo(f"{len(files)} files, {len(wrong)} errors, {len(found) - len(wrong)} warnings", err=True)
    ctx.exit(2 if wrong else 0)


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
    from domain.triggers.events import Event, EventKind, match
    from pipeline_defs.pipelines import compile as planning

    data = Files()(str(file))
    if data is None:
        raise DefinitionError("SLW601", "the file cannot be read", where=str(file))
    document, _ = planning.read_pipeline(data, str(file), Files())
    kind = kind or ("push" if EventKind.PUSH in planning.listeners(document) else "manual")
    event = Event(EventKind(kind), branch="" if tag else branch, tag=tag, changed_files=changed, params=given(param))
    made = planning.plan(data, str(file), event, Files())
    if mermaid:
        click.echo(flowchart(made.plan), nl=False)
        return
    starts = match(event, planning.listeners(document))
    if json_:
        print_json({"starts": starts.starts, "reason": starts.reason, "plan": serial.dump_plain(made.plan)})
        return
    click.echo(f"{made.plan.pipeline}: {'starts' if starts.starts else 'does not start'}: {starts.reason}")
    for stage, jobs in itertools.groupby(made.plan.jobs, lambda job: job.stage):
        click.echo(f"\n{stage}")
        for job in jobs:
            needs = f"  after {', '.join(job.needs)}" if job.needs else ""
            click.echo(f"  {job.id:<32} {job.kind!s:<9}{needs}  [{_why(job)}]")


def _why(job: Job) -> str:
    if job.skip:
        return f"skipped: {job.skip}"
    if job.when:
        return f"runs if {job.when}"
    return "runs when its needs have passed" if job.needs else "runs at once"


def given(param: tuple[str, ...]) -> dict[str, str | int | float | bool]:
    """`-p NAME=VALUE` options; the values' types are the definition's to say."""
    values: dict[str, str | int | float | bool] = {}
    for text in param:
        name, separator, value = text.partition("=")
        if not separator:
            raise DefinitionError("SLW501", f"'{text}' is no NAME=VALUE")
        values[name] = value
    return values


@click.command()
@click.option(
    "--kind",
    type=click.Choice(["Pipeline", "Component", "Environment", "PipelineTest"]),
    default=None,
    help="Only this one.",
)
def schema(kind: str | None) -> None:
    """Print the JSON Schema of definitions, for editors."""
    from pipeline_defs.schema import text

    click.echo(text(kind), nl=False)
