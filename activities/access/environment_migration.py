"""What closed defaults change for the environments of a home that an earlier version filled."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from activities.access.environments import CLOSED, KIND, Environments
from domain.approvals import registration
from domain.core import names
from domain.core.documents import Manifest, Node, Object
from domain.releases.actions import ReleaseVerdict
from domain.releases.record import ReleaseRecord

WHO = ("author", "committer", "starter")
OPEN = "may approve their own change"
SHUT = "may not approve their own change"


@dataclass(frozen=True)
class Change:
    """One setting of an environment, before and after."""

    environment: str
    what: str
    old: str
    new: str


@dataclass(frozen=True)
class Due:
    """What a migration would do."""

    changes: tuple[Change, ...] = ()
    """Of registered environments; one without a change is only marked as seen."""
    unmarked: tuple[str, ...] = ()
    """Environments that an earlier version registered."""
    unregistered: tuple[str, ...] = ()
    """Environments of live services that nobody registered."""
    no_names: tuple[str, ...] = ()
    """Environments, registered or of live services, whose names cannot be registered: an earlier rule let them be."""

    def __bool__(self) -> bool:
        return bool(self.unmarked or self.unregistered or self.no_names)


def due(environments: Environments, releases: Iterable[ReleaseRecord], keep: Collection[str] = ()) -> Due:
    """What is left to migrate. `keep`: environments whose author, committer and starter go on deciding."""
    known = environments.names()
    unmarked = [name for name in known if not _marked(environments, name)]
    old = [name for name in unmarked if names.is_name(name)]
    found = [change for name in old for change in _changes(name, _body(environments, name), name in keep)]
    live = sorted({one["environment"] for one in releases if _live(one)} - {*known})
    return Due(
        tuple(found),
        tuple(old),
        tuple(name for name in live if names.is_name(name)),
        tuple(name for name in sorted({*live, *unmarked}) if not names.is_name(name)),
    )


def apply(
    environments: Environments, what: Due, plain: Iterable[tuple[str, Object]], keep: Collection[str] = ()
) -> None:
    """Does all of it, or nothing. `plain`: the documents of the environments that are registered again."""
    marked = {name: _closed(_body(environments, name), keep=name in keep) for name in what.unmarked}
    environments.register_all({**marked, **dict(plain)})


def _marked(environments: Environments, name: str) -> bool:
    return _body(environments, name).get(CLOSED) is True


def _body(environments: Environments, name: str) -> Object:
    return environments.definitions.get(KIND, name) or {}


def _changes(name: str, body: Object, keep: bool) -> Iterator[Change]:
    approval = Node(body)["approval"]
    for who in WHO:
        if approval["allow"][who].value is True and not keep:
            yield Change(name, f"the {who}", OPEN, SHUT)
    quorum = approval["quorum"].whole()
    least = registration.least_quorum(
        quorum, approval["users"].value, approval["groups"].value, approval["per_group"].value
    )
    if least != quorum:
        yield Change(name, "quorum", str(quorum), str(least))


def _closed(body: Object, *, keep: bool) -> Manifest:
    """The document with what the closed defaults make of it, and the parts that an early version left out."""
    made: Manifest = json.loads(json.dumps(dict(body)))
    approval = dict(Node(made)["approval"].object())
    allow = Node(approval)["allow"]
    kept: Manifest = {who: keep and allow[who].value is True for who in WHO}
    least: Manifest = {"users": [], "groups": [], "quorum": 0, "per_group": {}, "max_expires": 0}
    return {"trust": "signed", **made, "approval": {**least, **approval, "allow": kept}}


def _live(release: ReleaseRecord) -> bool:
    result = Node(json.loads(release["result"] or "{}"))
    return result["verdict"].text() == ReleaseVerdict.LIVE
