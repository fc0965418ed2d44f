"""What policies of pushes say, where somebody asks whether a repository may start runs."""

from __future__ import annotations

from collections.abc import Callable

from domain.access.actions import Action
from domain.access.attributes import NOTHING, Change
from domain.access.principal import Caller, PrincipalKind
from domain.access.resource import Resource
from domain.policy.asked import to_start
from domain.policy.policy import PolicyFor, Push
from domain.triggers.events import EventKind
from domain.triggers.repository_name import repository_name

BRANCH = "main"
"""Of the push that is asked about."""


def of_push(policies: Callable[[Push], PolicyFor], about: Caller, action: Action, resource: Resource) -> Change:
    """What policies add to the question: of a repository that starts a run by a push to `main`; else nothing."""
    who = about.rights_of or about.principal
    if action is not Action.RUNS_START or who.kind is not PrincipalKind.REPOSITORY:
        return NOTHING
    push = Push(repository=repository_name(who.name), pipeline=resource.name, event=EventKind.PUSH, branch=BRANCH)
    return Change(objections=to_start(policies(push)))
