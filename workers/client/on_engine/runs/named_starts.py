"""Starts a run of a pipeline by its name: from the repository that its runs came from, never from a caller's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from activities.runs.run_lists import ListedPipeline
from domain.core.errors import DefinitionError, SluicewayError
from domain.core.values import Scalar
from workers.client.ports.runs import ParamField

if TYPE_CHECKING:
    from domain.triggers.delivery import Delivery
    from pipeline_defs.core.document import Parameter

MAX_PARAMS = 200
MAX_VALUE = 10_000
KINDS = {"integer": "number", "number": "number", "boolean": "yes-no", "choice": "choice"}
"""Type of a parameter to the field of a form; else a text."""


@dataclass(frozen=True)
class Found:
    """The definition of a pipeline at the head of a branch."""

    mirror: Path
    repository: str
    branch: str
    commit: str
    path: str
    data: bytes


def find(known: ListedPipeline, branch: str, mirrors: Path) -> Found:
    """Reads the repository, which may take as long as its server.

    Raises:
        SluicewayError: SLW927, there is no such branch, or it does not define the pipeline; or the repository's own.
    """
    from activities.source import git
    from activities.source.mirrors import SNAPSHOT, Mirrors
    from workers.client import deliveries

    repository = known["repository"].removeprefix(SNAPSHOT)
    branch = branch or (git.default_branch(repository) if repository else "")
    head = git.remote_refs(repository).get(f"refs/heads/{branch}") if branch else None
    if head is None:
        fix = "push the pipeline's definition, or name a branch"
        raise SluicewayError("SLW927", f"{repository or known['name']} has no branch '{branch[:200]}'", fix=fix)
    mirror = Mirrors(mirrors).fetch(repository, head)
    paths, _ = deliveries.definition_paths(mirror, head)
    for path in sorted(paths, key=lambda one: one != known["path"]):
        data = git.read_file(mirror, head, path) or b""
        if deliveries.pipeline_name(data, path, Path(repository)) == known["name"]:
            return Found(mirror, repository, branch, head, path, data)
    raise SluicewayError("SLW927", f"branch {branch} of {repository} defines no pipeline {known['name']}")


def delivery_of(
    found: Found, pipeline: str, params: Mapping[str, Scalar], id_: str, actor: tuple[str, str]
) -> Delivery:
    """A run by hand of the branch as it is. `actor`: who starts it, and the channel that knows it."""
    from activities.source import git
    from domain.triggers.delivery import Delivery
    from domain.triggers.events import Event, EventKind
    from domain.triggers.source import SourceRef

    known = git.describe(found.mirror, found.commit)
    event = Event(
        EventKind.MANUAL,
        found.repository,
        found.commit,
        branch=found.branch,
        author=known.author,
        committer=known.committer,
        actor=actor[0],
        actor_from=actor[1],
        message=known.message,
        params=dict(params),
        compared=False,
    )
    source = SourceRef(found.repository, found.commit)
    return Delivery(id_, event, found.path, source, pipeline, reject_invalid=True)


def checked(params: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
    """Raises:
    DefinitionError: SLW501, there are more or longer values than any definition takes.
    """
    if len(params) > MAX_PARAMS or any(len(str(part)) > MAX_VALUE for pair in params.items() for part in pair):
        raise DefinitionError("SLW501", f"a run takes at most {MAX_PARAMS} parameters of {MAX_VALUE:,} characters")
    return params


def fields(data: bytes, path: str) -> tuple[ParamField, ...]:
    """The parameters of a definition, for a form.

    Raises:
        DefinitionError: it has errors.
    """
    from pipeline_defs.documents import check
    from pipeline_defs.pipelines.compile import pipeline_of

    document = pipeline_of(check(data, path, lambda _: None))
    return tuple(_field(name, one) for name, one in document.params.items())


def _field(name: str, one: Parameter) -> ParamField:
    default = "" if one.default is None else str(one.default)
    return ParamField(
        name=name,
        kind=KINDS.get(one.type, "text"),
        default=default.lower() if one.type == "boolean" else default,
        choices=tuple(map(str, one.choices)),
        required=one.required and one.default is None,
        about=one.description,
    )
