"""What somebody asks a token to be limited to."""

from __future__ import annotations

from collections.abc import Iterable

from domain.access.actions import Action
from domain.access.principal import Scope
from domain.access.resource import ResourceKind

EVERYTHING = "*"
MOST = 100
"""Resources of a scope."""
MOST_CHARACTERS = 200


def asked(actions: Iterable[str], resources: Iterable[str]) -> Scope:
    """The scope that these texts mean. `runs:*` is all of a kind, `*` all: of the actions that exist now.

    A token does not gain what a later version adds.
    """
    found = {one for text in actions for one in _meant(text)}
    named = frozenset("engine:engine" if one == EVERYTHING else one for one in resources)
    return Scope(actions=frozenset(found), resources=named)


def complaints(actions: tuple[str, ...], resources: tuple[str, ...]) -> tuple[str, ...]:
    """What is wrong with a scope that somebody asks for; sentences for people."""
    if max(len(actions), len(resources)) > MOST:
        return (f"it has more than {MOST} actions or resources",)
    wrong = [f"{one[:MOST_CHARACTERS]!r} is no action" for one in actions if not _meant(one)]
    wrong += [
        f"{one[:MOST_CHARACTERS]!r} is no resource: write KIND:NAME" for one in resources if not _is_resource(one)
    ]
    if not actions or not resources:
        wrong.append("it needs at least one action and one resource")
    return tuple(wrong)


def _meant(text: str) -> tuple[str, ...]:
    if text == EVERYTHING:
        return tuple(one.value for one in Action)
    if text.endswith(":*"):
        return tuple(one.value for one in Action if one.kind == text.removesuffix(":*"))
    return (text,) if text in frozenset(Action) else ()


def _is_resource(text: str) -> bool:
    kind, _, name = text.partition(":")
    return text == EVERYTHING or (kind in frozenset(ResourceKind) and 0 < len(name) <= MOST_CHARACTERS)
