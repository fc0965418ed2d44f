"""Events of a repository or a person, and whether a pipeline listens to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum

from domain.core import globs
from domain.core.documents import Manifest
from domain.core.values import number


class EventKind(StrEnum):
    """What may start a run."""

    PUSH = "push"
    PULL_REQUEST = "pull-request"
    SCHEDULE = "schedule"
    MANUAL = "manual"


class EventSource(StrEnum):
    """What knows who started a run."""

    SYSTEM = "system"
    """The operating system: a command on the engine's machine. The starter is `LOGIN@localhost`."""
    SSH = "ssh"
    """The forced command of an SSH key, which the hook trusts: the starter is an identity's name."""
    SERVER = "server"
    """A login of the server: the starter is an identity's name, or the id of a machine's principal."""


UNBASED = frozenset((EventKind.SCHEDULE, EventKind.MANUAL))
"""Kinds that come without a commit to compare with, unless somebody gives one."""


@dataclass(frozen=True)
class EventRef:
    """What of an event decides what its jobs may do."""

    kind: EventKind
    branch: str = ""
    tag: str = ""
    base: str = ""
    """The commit before a push; empty: none, or sent by an earlier version."""
    own_branch: bool = False
    """Of a pull request: its commits stand on a branch of the repository itself. False: elsewhere, or unknown."""


@dataclass(frozen=True)
class Event:
    """One event, as expressions see it under `event`."""

    kind: EventKind
    repo: str = ""
    """Path or URL of the repository."""
    commit: str = ""
    _: KW_ONLY
    base: str = ""
    """The previous commit of a push, or the merge base of a pull request; empty: none."""
    branch: str = ""
    tag: str = ""
    author: str = ""
    committer: str = ""
    actor: str = ""
    """Who started the run."""
    message: str = ""
    changed_files: tuple[str, ...] = ()
    params: dict[str, str | int | float | bool] = field(default_factory=dict)
    actor_from: str = ""
    """The channel that knows who started it (`EventSource`); empty: the name is only claimed."""
    head: str = ""
    """The commit that a folder was at whose files, with their uncommitted changes, the run has; else empty."""
    compared: bool = True
    """False: nothing to compare with, as in a run by hand or by schedule: every file counts as changed."""
    own_branch: bool = False
    """Of a pull request: its commits stand on a branch of the repository itself. False: elsewhere, or unknown."""

    @property
    def ref(self) -> EventRef:
        """What of it decides what its jobs may do."""
        return EventRef(self.kind, self.branch, self.tag, self.base, self.own_branch)

    def seen(self) -> Manifest:
        """The value of `event` in expressions."""
        return {
            "kind": str(self.kind),
            "repo": self.repo,
            "commit": self.commit,
            "base": self.base,
            "branch": self.branch,
            "tag": self.tag,
            "author": self.author,
            "committer": self.committer,
            "actor": self.actor,
            "message": self.message,
            "changed_files": list(self.changed_files),
            "compared": self.compared,
        }


@dataclass(frozen=True)
class Listener:
    """One entry of `on`. An empty filter matches everything."""

    kind: EventKind
    branches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """Whether the event starts the pipeline, and the rule that decided."""

    starts: bool
    reason: str


UNCOMPARED = "changed() is true for every file: there is nothing to compare with"


def match(event: Event, listeners: Mapping[EventKind, Listener]) -> Match:
    """Manual events always match."""
    if event.kind is EventKind.MANUAL:
        return Match(True, f"started manually by {event.actor or 'someone'}")
    listener = listeners.get(event.kind)
    if listener is None:
        return Match(False, f"the pipeline has no trigger for {event.kind}")
    refused = _refusal(event, listener)
    return Match(False, refused) if refused else Match(True, f"{event.kind} of {event.tag or event.branch or 'a ref'}")


def _refusal(event: Event, listener: Listener) -> str:
    if event.tag:
        if listener.tags and not globs.matches(event.tag, listener.tags):
            return f"tag {event.tag} matches none of {', '.join(listener.tags)}"
        if not listener.tags and listener.branches:
            return f"tag {event.tag} was pushed, but the trigger is for branches"
    elif listener.branches:
        if not globs.matches(event.branch, listener.branches):
            return f"branch {event.branch or '(none)'} matches none of {', '.join(listener.branches)}"
    elif listener.tags:
        return f"branch {event.branch} was pushed, but the trigger is for tags"
    if listener.paths and not globs.any_matches(event.changed_files, listener.paths):
        return f"none of the {number(len(event.changed_files), 'changed file')} matches {', '.join(listener.paths)}"
    return ""
