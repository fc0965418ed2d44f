"""Where a signed statement comes from, and which of them count for an environment."""

from __future__ import annotations

from dataclasses import dataclass

from domain.core import globs
from domain.core.documents import Manifest, Node
from domain.triggers.events import EventKind

Patterns = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The run that a statement was made in."""

    repository: str = ""
    """As `repository_name` writes it."""
    pipeline: str = ""
    event: str = ""
    branch: str = ""
    tag: str = ""
    default_branch: str = ""
    """Of the repository, when the statement was made."""

    def manifest(self) -> Manifest:
        """As it is signed."""
        return {
            "repository": self.repository,
            "pipeline": self.pipeline,
            "event": str(self.event),
            "branch": self.branch,
            "tag": self.tag,
            "default_branch": self.default_branch,
        }


def origin_in(said: Node) -> Origin | None:
    """The origin in a signed statement; None: it has none, as those of an earlier version."""
    if not said:
        return None
    names = ("repository", "pipeline", "event", "branch", "tag", "default_branch")
    return Origin(**{name: said[name].text() for name in names})


@dataclass(frozen=True, kw_only=True)
class OriginRule:
    """Whose statements count. An empty list means the run that deploys: its repository, its pipeline, and the
    repository's default branch.
    """

    repositories: Patterns = ()
    pipelines: Patterns = ()
    branches: Patterns = ()

    def refusal(self, origin: Origin | None, deploying: Origin | None) -> str:
        """Why a statement does not count; empty: it does. `deploying` None: nothing is deployed, as in `verify`."""
        if origin is None:
            return "it does not say which repository and branch it comes from: build and scan again"
        if origin.event == EventKind.PULL_REQUEST:
            return "it comes from a pull request"
        own = deploying or origin
        if not globs.matches(origin.repository, self.repositories) and (
            self.repositories or origin.repository != own.repository
        ):
            return f"it comes from the repository {origin.repository or '(none)'}"
        if not globs.matches(origin.pipeline, self.pipelines) and (self.pipelines or origin.pipeline != own.pipeline):
            return f"it comes from the pipeline {origin.pipeline or '(none)'}"
        return self._branch(origin)

    def _branch(self, origin: Origin) -> str:
        if origin.tag or not origin.branch:
            return f"it comes from {f'the tag {origin.tag}' if origin.tag else 'no branch'}"
        named = self.branches
        ours = globs.matches(origin.branch, named) if named else origin.branch == origin.default_branch
        return "" if ours else f"it comes from the branch {origin.branch}"
