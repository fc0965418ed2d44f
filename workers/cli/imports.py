"""import: what Argo Rollouts and Flagger release, as an environment and a deploy job. Reads files, runs nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeVar

import click

from domain.core.errors import DefinitionError
from domain.core.values import number
from workers.cli.common import as_json, print_json
from workers.views.output import out, out_lines

if TYPE_CHECKING:
    from domain.releases.imports.draft import Converted, Options
    from domain.releases.imports.ledger import Remark
    from workers.cli.imported_files import Origin

F = TypeVar("F", bound=Callable[..., object])
_OPTIONS = (
    click.option("--name", default="", help="The Rollout or Canary, where the files have several."),
    click.option("--service", default="", help="Name of the service.  [default: that of the object]"),
    click.option("--environment", "-e", default="production", show_default=True, help="Name of the environment."),
    click.option("--cluster", default="", help="Name of the cluster, which the objects do not know."),
    click.option("--gateway", default="", help="The Gateway, as NAMESPACE/NAME.  [default: that of the route]"),
    click.option("--host", default="", help="Host of the service; {service} is its name.  [default: the route's]"),
    click.option("--approvers", default="", help="The group that approves where a person is waited for."),
    click.option("--to", default="sluiceway", show_default=True, help="Folder below this one that is written to."),
    click.option("--force", is_flag=True, help="Write over files that are there."),
)


@click.group("import")
def import_() -> None:
    """Convert releases of other tools: write an environment, a deploy job, and the objects of its releases.

    What has no equal here is told by file and line, with what to do instead. Exit code 0: nothing is lost; 1: something
    is lost or missing; 2: no release can be made of it. Nothing is run, and no cluster is asked.
    """


@dataclass(frozen=True)
class _Asked:
    """The options of one conversion."""

    origin: str
    files: tuple[Path, ...]
    given: dict[str, str]
    to: str
    force: bool
    json_: bool


def _asked(command: F) -> F:
    """The options of both commands."""
    for option in reversed((*_OPTIONS, as_json)):
        command = option(command)
    return click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))(command)


@import_.command()
@_asked
def rollouts(files: tuple[Path, ...], to: str, force: bool, json_: bool, **given: str) -> None:
    """Convert a Rollout of Argo Rollouts, with its Services, routes and AnalysisTemplates."""
    _convert(_Asked("rollouts", files, given, to, force, json_))


@import_.command()
@_asked
def flagger(files: tuple[Path, ...], to: str, force: bool, json_: bool, **given: str) -> None:
    """Convert a Canary of Flagger, with its Deployment and MetricTemplates."""
    _convert(_Asked("flagger", files, given, to, force, json_))


def _convert(asked: _Asked) -> None:
    from domain.releases.imports import convert
    from domain.releases.imports.draft import Options
    from workers.cli import imported_files

    folder = _folder(asked.to)
    options: Options = Options(**asked.given, manifests=str(PurePosixPath(folder) / imported_files.OBJECTS))
    found = imported_files.read(asked.files)
    try:
        made = convert.convert(convert.Origin(asked.origin), [one.value for one in found], options)
    except ValueError as wrong:
        raise DefinitionError(imported_files.CODE, str(wrong)) from wrong
    texts = imported_files.texts(made, folder)
    if asked.json_:
        print_json(_as_json(made, found))
    else:
        _write(texts, force=asked.force)
        for remark in sorted(made.remarks, key=lambda one: (one.index, _line_number(one, found))):
            out_lines(_line(remark, found))
        _summary(made, texts)
    if not made.complete:
        raise click.exceptions.Exit(1)


def _folder(to: str) -> str:
    path = PurePosixPath(to)
    if path.is_absolute() or ".." in path.parts or not to:
        raise DefinitionError("SLW203", "--to is a folder below this one", why="a deploy job names files of its commit")
    return str(path)


def _write(texts: dict[str, str], *, force: bool) -> None:
    known = [name for name in texts if Path(name).exists()]
    if known and not force:
        raise DefinitionError("SLW706", f"{', '.join(known)} would be written over", fix="--force, or --to FOLDER")
    for name, text in texts.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, "utf-8")


def _line(remark: Remark, found: list[Origin]) -> str:
    where, path = _where(remark, found), _path(remark)
    told = ": ".join(one for one in (where, f"{remark.kind}", path, remark.what) if one)
    return f"{told}\n    {remark.instead}" if remark.instead else told


def _where(remark: Remark, found: list[Origin]) -> str:
    return f"{found[remark.index].file}:{_line_number(remark, found)}" if remark.index >= 0 else ""


def _line_number(remark: Remark, found: list[Origin]) -> int:
    return found[remark.index].line_of(remark.path) if remark.index >= 0 else 0


def _path(remark: Remark) -> str:
    shown = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in remark.path)
    return shown.removeprefix(".")


def _as_json(made: Converted, found: list[Origin]) -> dict[str, object]:
    remarks = [
        {
            "kind": str(one.kind),
            "file": found[one.index].file if one.index >= 0 else "",
            "line": _line_number(one, found),
            "path": _path(one),
            "what": one.what,
            "instead": one.instead,
        }
        for one in made.remarks
    ]
    documents = {"environment": made.environment, "pipeline": made.pipeline, "objects": made.objects}
    return {"complete": made.complete, "remarks": remarks, **documents}


def _summary(made: Converted, texts: dict[str, str]) -> None:
    counts = {kind: sum(str(one.kind) == kind for one in made.remarks) for kind in ("loss", "missing", "note")}
    told = f"{counts['loss']} lost, {counts['missing']} missing, {number(counts['note'], 'note')}"
    out(f"{told}; written: {', '.join(texts)}", err=True)
