"""Attributes (ABAC): what is known of a call at its moment, beside who asks and for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.access.labels import PUBLIC, Label
from domain.access.principal import Caller
from domain.access.resource import Resource

FRESH_S = 300
"""A second factor is fresh for five minutes."""
NEVER_S = 10**9
"""The age of what never was."""
DAY_S, HOUR_S = 86_400, 3_600
TEXTS, NUMBERS, FLAGS = ("department",), ("tier",), ("on_call",)
"""Attributes of principals that policies may name, by type. Others are not handed on."""


@dataclass(frozen=True, kw_only=True)
class Attributes:
    """The context of a decision. Times are of UTC, ages in whole seconds."""

    channel: str = "api"
    address: str = ""
    """Of the client; empty: not known."""
    hour: int = 0
    weekday: int = 0
    """0: Monday."""
    authenticated_age: int = NEVER_S
    second_factor_age: int = NEVER_S
    in_scope: bool = True
    """Whether a token was made for this; true for everybody else."""
    own: bool = False
    """Whether the asker changes their own rights or their own label."""
    giving: str = ""
    """The role that is given or taken."""
    source: Label = PUBLIC
    """Of the run whose effect it is: what flows to the resource is as secret and as trusted as this."""


@dataclass(frozen=True)
class Objection:
    """What a registered policy of pushes says against something: it forbids it, as a set of policies would."""

    rule: str
    """`policy/NAME`; `engine/fork` for what no policy has to say."""
    why: str
    """A sentence for people."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a change of rights, or an effect, adds to the question."""

    own: bool = False
    giving: str = ""
    source: Label = PUBLIC
    objections: tuple[Objection, ...] = ()
    """Of the policies that hold for the push behind an effect."""


NOTHING = Change()


def attributes_of(caller: Caller, action: str, resource: Resource, now: float, change: Change = NOTHING) -> Attributes:
    """Of a call at this moment."""
    return Attributes(
        channel=caller.channel,
        address=caller.address,
        hour=int(now % DAY_S // HOUR_S),
        weekday=(int(now // DAY_S) + 3) % 7,  # the epoch began on a Thursday
        authenticated_age=_age(caller.authenticated_at, now),
        second_factor_age=_age(caller.second_factor_at, now),
        in_scope=in_scope(caller, action, resource),
        own=change.own,
        giving=change.giving,
        source=change.source,
    )


def in_scope(caller: Caller, action: str, resource: Resource) -> bool:
    """Whether a token was made for this. Whoever has no scope is not narrowed."""
    if caller.scope is None:
        return True
    return action in caller.scope.actions and not caller.scope.resources.isdisjoint(resource.above)


def known(attributes: Mapping[str, str | int | bool]) -> dict[str, str | int | bool]:
    """Those that policies may name, where they are of their type: what a provider says is a stranger's."""
    kept: dict[str, str | int | bool] = {}
    for name, value in attributes.items():
        is_text = name in TEXTS and isinstance(value, str)
        is_number = name in NUMBERS and isinstance(value, int) and not isinstance(value, bool)
        if is_text or is_number or (name in FLAGS and isinstance(value, bool)):
            kept[name] = value
    return kept


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the records say of whoever asks, sliced to the question."""

    clearance: Label = PUBLIC
    roles: frozenset[str] = frozenset()
    """That they have on the engine itself."""
    project: str = ""
    """Of a repository: where it belongs."""
    attributes: Mapping[str, str | int | bool] = field(default_factory=dict)


def _age(at: float, now: float) -> int:
    """A time in the future is no sign of freshness."""
    return min(int(now - at), NEVER_S) if 0 < at <= now else NEVER_S
