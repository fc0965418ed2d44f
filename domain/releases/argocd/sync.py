"""What to do next about an Application, until it is synced and healthy at a revision.

Its health may be of yesterday: a sync that has ended does not renew it (argoproj/argo-cd#29410). So a comparison is
asked for after the end, and only what the controller says once that is done counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from domain.releases.argocd.application import Application, Operation
from domain.releases.argocd.job import ArgocdSync

DEGRADED_S = 60.0
"""How long an Application may be degraded: an autoscaler without metrics yet is, for some seconds."""


class Step(StrEnum):
    """What the caller does."""

    ASK = "ask"
    """Ask for a sync."""
    REFRESH = "refresh"
    """Ask for a comparison."""
    WAIT = "wait"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Progress:
    """What was seen so far. A caller that has lost it begins again, and does nothing twice but compare."""

    synced: str = ""
    """The commit that the sync has applied; empty: it has not ended."""
    looked: bool = False
    """A comparison was asked for since then."""
    degraded_since: float | None = None


@dataclass(frozen=True)
class Next:
    """A step, and a sentence for people."""

    step: Step
    words: str
    progress: Progress


def next_step(app: Application, wish: ArgocdSync, key: str, before: Progress, now: float) -> Next:
    """`key` names the sync that this caller has asked for, or is to ask for. `now`: seconds of any steady clock."""
    if app.refusal:
        return Next(Step.FAILED, app.refusal, before)
    last, asked = app.last, app.asked
    if last.phase and not last.is_over:
        return Next(Step.WAIT, _goes_on(last, key), before)
    if asked is not None:
        whose = "the sync" if asked.key == key else f"a sync by {asked.by}"
        return Next(Step.WAIT, f"{whose} waits for the controller", before)
    if last.key == key and last.is_over and not before.synced:
        return _ended(last, wish, before)
    if not before.synced:
        return Next(Step.ASK, f"a sync to {wish.revision or 'what it follows'} is asked for", before)
    if last.key != key and last.phase == "Succeeded" and last.revision != before.synced:
        return Next(Step.FAILED, f"{last.by} has synced it to {last.revision or 'something else'} meanwhile", before)
    return _compared(app, before, now)


def _goes_on(last: Operation, key: str) -> str:
    if last.key != key:
        return f"a sync by {last.by} is in progress"
    return f"syncing: {last.done} resources done" + (f"; {last.message}" if last.message else "")


def _ended(last: Operation, wish: ArgocdSync, before: Progress) -> Next:
    if last.phase != "Succeeded":
        return Next(Step.FAILED, "; ".join((f"the sync {last.phase.lower()}: {last.message}", *last.failed)), before)
    if not last.revision or (_is_commit(wish.revision) and last.revision != wish.revision):
        what = f"the sync has applied {last.revision or 'no revision'}, and {wish.revision or 'one'} was asked for"
        return Next(Step.FAILED, what, before)
    synced = replace(before, synced=last.revision, looked=True)
    return Next(Step.REFRESH, f"{last.revision} is applied; its health is asked for", synced)


def _compared(app: Application, before: Progress, now: float) -> Next:
    if not before.looked:
        return Next(Step.REFRESH, "its health is asked for", replace(before, looked=True))
    if app.is_compared_again:
        return Next(Step.WAIT, f"{before.synced} is applied; its health is looked at", before)
    said = f"{before.synced} is applied, {app.sync}, {app.health}" + (f": {app.remarks}" if app.remarks else "")
    if app.health == "Degraded":
        since = now if before.degraded_since is None else before.degraded_since
        step = Step.FAILED if now - since >= DEGRADED_S else Step.WAIT
        return Next(step, said, replace(before, degraded_since=since))
    steady = replace(before, degraded_since=None)
    if (app.sync, app.health) != ("Synced", "Healthy"):
        other = "" if app.compared_with == before.synced else f"; it follows {app.compared_with or 'nothing'} now"
        return Next(Step.WAIT, said + other, steady)
    return Next(Step.DONE, f"{before.synced} is synced and healthy", steady)


def _is_commit(text: str) -> bool:
    return len(text) in (40, 64) and not set(text) - set("0123456789abcdef")
