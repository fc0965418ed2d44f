"""The steps of a Rollout's canary: weights, times and people are used, the rest is told."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.releases.imports import rollout_analyses
from domain.releases.imports.draft import Draft
from domain.releases.imports.ledger import Kind, Place
from domain.releases.imports.routing import by_header

_TABLE = {
    "experiment": (
        Kind.LOSS,
        "no version runs without being released",
        "the judge compares the new version with the live one at every weight; needs no third set of pods",
    ),
    "plugin": (Kind.LOSS, "no program runs between two steps", "a job of the pipeline, or approvals before a weight"),
    "analysis": (Kind.LOSS, "every step is judged alike", "analysis of the deploy job"),
    "setHeaderRoute": (Kind.LOSS, "one header with one value chooses the new version", "routing: {header: …}"),
    "setMirrorRoute": (Kind.LOSS, "all requests are mirrored alike, or none", "routing: {mirror: …}"),
    "setCanaryScale": (
        Kind.LOSS,
        "a version has the pods for its share before it gets the share",
        "capacity: by-weight or full",
    ),
}


@dataclass
class _Walk:
    """What the steps have said so far."""

    weights: list[float] = field(default_factory=list)
    dwells: list[tuple[Place, float]] = field(default_factory=list)
    waiting: list[Place] = field(default_factory=list)
    """Pauses for a person, before the next weight."""


def add(draft: Draft, canary: Place) -> None:
    """Without weights, the strategy is a rolling one."""
    walk = _Walk()
    for step in canary["steps"].items():
        _weight(draft, walk, step["setWeight"])
        _pause(walk, step["pause"])
        _scale(draft, step["setCanaryScale"])
        _routes(draft, step)
        if step["analysis"]:
            rollout_analyses.add(draft, step["analysis"])
        step.rest(_TABLE)
    _ask(draft, walk, "promotion")
    if not walk.weights and not draft.approvals:
        draft.strategy, draft.judged = "rolling", False
        for place, _ in walk.dwells:
            place.lose("strategy rolling has no weights to stay at", "setWeight before the pause")
        return
    draft.weights(walk.weights)
    draft.dwell(walk.dwells)


def _weight(draft: Draft, walk: _Walk, place: Place) -> None:
    if not place:
        return
    found = place.node.number(-1)
    if found == 100:
        place.note("the promotion is this")
    elif found == 0 and not walk.weights:
        place.note("a version has no requests before its first weight")
    elif 0 < found < 100 and found > max(walk.weights, default=0):
        _ask(draft, walk, found)
        walk.weights.append(found)
        place.take()
    else:
        place.lose("weights rise from step to step", "`sluiceway release pause` or abort")


def _ask(draft: Draft, walk: _Walk, before: float | str) -> None:
    for place in walk.waiting[:1]:
        draft.approve(before, place)
    walk.waiting.clear()


def _pause(walk: _Walk, place: Place) -> None:
    if not place:
        return
    duration = place["duration"]
    if not duration:
        if walk.waiting:
            place.note("one approval is asked for at a time")
        else:
            place.take()
        walk.waiting.append(place)
    elif (found := _readable(duration)) is not None:
        walk.dwells.append((duration, found))


def _readable(duration: Place) -> float | None:
    """The seconds, not used yet: only the longest is."""
    here = (duration.index, duration.path)
    was_used = here in duration.ledger.used
    found = duration.seconds()
    if not was_used:
        duration.ledger.used.discard(here)
    return found


def _scale(draft: Draft, place: Place) -> None:
    place["matchTrafficWeight"].note("a version has the pods for its share")
    if place["weight"].node.value == 100 and draft.deploy.get("capacity") is None:
        place["weight"].take()
        draft.deploy["capacity"] = "full"


def _routes(draft: Draft, step: Place) -> None:
    header, mirror = step["setHeaderRoute"], step["setMirrorRoute"]
    for one in (header, mirror):
        one["name"].note("rules of a release have no names")
    for match in header["match"].items():
        by_header(draft, match["headerName"], match["headerValue"])
    percent = mirror["percentage"].node.number(100)
    if mirror and not mirror["match"] and "mirror" not in draft.routing and 0 < percent <= 100:
        mirror["percentage"].take()
        draft.routing["mirror"] = percent
