"""The analysis of a Canary: weights, times, people and the error rate are used, the rest is told."""

from __future__ import annotations

from itertools import pairwise

from domain.releases.imports.draft import Draft, span
from domain.releases.imports.ledger import Kind, Place
from domain.releases.imports.rollout_analyses import PROMETHEUS, QUERIES, gate_of_errors
from domain.releases.imports.routing import by_cookie, by_header
from domain.releases.imports.workload import named

_EVIDENCE = "evidence decides, not a number of failed checks"
_SLOW = "slow90 and slow99 compare the share of slow requests with the live version's; a limit in seconds is none"
_QUERY = f"{QUERIES}, and {PROMETHEUS}"
_READY = "all pods of a version must be available"
TABLE = {
    "threshold": (Kind.LOSS, _EVIDENCE, "alpha is the rate of false alarms"),
    "stepWeightPromotion": (Kind.LOSS, "the promotion is one change: no version is copied", ""),
    "primaryReadyThreshold": (Kind.LOSS, _READY, "fewer pods"),
    "canaryReadyThreshold": (Kind.LOSS, _READY, "fewer pods"),
    "alerts": (Kind.LOSS, "an environment's releases notify whom the engine's settings name", "notifiers"),
    "iterations": (Kind.LOSS, "a canary has weights", "min-dwell"),
    "maxWeight": (Kind.LOSS, "weights rise from step to step, below 100", "analysis: {steps: […]}"),
    "stepWeight": (Kind.LOSS, "weights rise from step to step, below 100", "analysis: {steps: […]}"),
    "stepWeights": (Kind.LOSS, "weights rise from step to step, below 100", "analysis: {steps: […]}"),
    "mirrorWeight": (Kind.LOSS, "nothing is mirrored", "routing: {mirror: …}"),
    "match": (Kind.LOSS, "one header or cookie with one value chooses the new version", "routing: {header: …}"),
    "sessionAffinity": (Kind.LOSS, "the cookie is the route's own: SERVICE-version", "routing: {sticky: true}"),
    "metrics": (Kind.LOSS, "the router counts errors and slow requests, by version", _QUERY),
    "webhooks": (Kind.LOSS, "nobody is called", "a job of the pipeline around the release"),
}
_HOOKS = {
    "pre-rollout": ("nothing is called before the traffic", "checks: [{path: …}] at the preview, or a job before it"),
    "rollout": ("nothing is called meanwhile", "a job of the pipeline beside it; requests of users are what is judged"),
    "post-rollout": ("nothing is called afterwards", "a job that needs the release"),
    "rollback": ("nobody is asked whether to go back", "`sluiceway release abort`"),
    "event": ("nobody is called", "notifiers, and `sluiceway audit`"),
}
_CONFIRM = ("confirm-rollout", "confirm-traffic-increase", "confirm-promotion")
MAX_STEPS = 100


def add(draft: Draft, analysis: Place, *, skip: Place) -> None:
    """`skip`: whether nothing is judged, of the Canary."""
    skips = skip.node.value is True
    if not analysis or skips or draft.router == "service":
        _unjudged(draft, analysis, skip)
    else:
        skip.note("it is judged")
        _weights(draft, analysis)
    _routing(draft, analysis)
    found = [] if not draft.judged else [float(str(one)) for one in _shares(draft)]
    _webhooks(draft, analysis, found)
    for metric in analysis["metrics"].items():
        _metric(draft, metric)
    analysis.rest(TABLE)


def _unjudged(draft: Draft, analysis: Place, skip: Place) -> None:
    """Switched at once: what nobody judges needs no steps."""
    draft.strategy, draft.judged = "blue-green", False
    draft.deploy["blue-green"] = {"split": 0}
    if skip.node.value is True:
        skip.take()
    skip.note("what is not judged is switched at once")
    if draft.router == "service":
        draft.routing["unconfirmed"] = "allow"
        analysis["interval"].lose("a plain Service counts no requests, so nothing is judged", "router: gateway-api")
        analysis["iterations"].lose("a plain Service counts no requests, so nothing is judged", "router: gateway-api")


def _weights(draft: Draft, analysis: Place) -> None:
    interval, iterations = analysis["interval"], analysis["iterations"]
    seconds = interval.seconds()
    count = iterations.node.number()
    if count > 0:
        draft.strategy = "blue-green"
        draft.deploy["blue-green"] = {"split": 10}
        iterations.lose("the new version is judged by a tenth of the requests", "blue-green: {split: …}, min-dwell")
        _dwell(draft, None if seconds is None else seconds * min(count, 1000.0))
        return
    _dwell(draft, seconds)
    steps = analysis["stepWeights"]
    top = analysis["maxWeight"].node.number(100)
    if steps:
        found = [one.node.number() for one in steps.items()]
        taken = [steps]
    else:
        step = analysis["stepWeight"].node.number(0)
        last = min(top, 100.0)
        many = int(last // step) if step >= 1 else 0
        found = [step * n for n in range(1, min(many, MAX_STEPS) + 1)]
        taken = [analysis["stepWeight"], analysis["maxWeight"]]
    rising = all(0 < one <= 100 for one in found) and all(a < b for a, b in pairwise(found))
    below = [one for one in found if one < 100]
    if rising and below:
        draft.weights(below)
        for place in taken:
            place.take()


def _dwell(draft: Draft, seconds: float | None) -> None:
    if seconds is None:
        return
    seconds = max(seconds, 1.0)
    draft.analysis["min-dwell"] = span(seconds)
    if seconds > 600:
        draft.analysis["max-dwell"] = span(seconds)


def _shares(draft: Draft) -> list[object]:
    first, rest = draft.analysis.get("first-weight"), draft.analysis.get("steps")
    more = rest if isinstance(rest, list) else []
    return list(dict.fromkeys([first, *more])) if first is not None else []


def _routing(draft: Draft, analysis: Place) -> None:
    for match in analysis["match"].items():
        for name, value in match["headers"].fields():
            if name.lower() == "cookie":
                by_cookie(draft, value)
            elif "header" not in draft.routing:
                _header(draft, name, value)
    if analysis["mirror"].node.value is True:
        percent = analysis["mirrorWeight"].node.number(100) or 100
        if 0 < percent <= 100:
            draft.routing["mirror"] = percent
            analysis["mirror"].take()
            analysis["mirrorWeight"].take()
    analysis["mirror"].note("nothing is mirrored, as here")
    affinity = analysis["sessionAffinity"]
    if affinity and draft.router != "service":
        draft.routing["sticky"] = True


def _header(draft: Draft, name: str, value: Place) -> None:
    class_of = type(value.node)
    named_by = Place(value.ledger, value.index, value.path, class_of(name))
    by_header(draft, named_by, value)


def _webhooks(draft: Draft, analysis: Place, weights: list[float]) -> None:
    asked: set[float | str] = set()
    for hook in analysis["webhooks"].items():
        kind = hook.look("type") or "rollout"
        if kind not in _CONFIRM:
            what, instead = _HOOKS.get(kind, _HOOKS["rollout"])
            hook.lose(what, instead)
            continue
        hook["type"].take()
        hook.rest({"*": (Kind.LOSS, "a person answers, not a program", "`sluiceway approve`, also by its API")})
        for before in _before(kind, weights):
            if before not in asked:
                draft.approve(before, hook)
            asked.add(before)


def _before(kind: str, weights: list[float]) -> list[float | str]:
    if kind == "confirm-promotion" or not weights:
        return ["promotion"]
    return [weights[0]] if kind == "confirm-rollout" else [*weights]


def _metric(draft: Draft, metric: Place) -> None:
    name = metric.look("name")
    if (ref := metric["templateRef"]) or metric["query"]:
        _template(draft, ref)
        metric.lose("a query's value does not decide: the new version is compared with the live one", _QUERY)
        return
    if name == "request-duration":
        metric.lose(_SLOW, "metrics: {slow90: {share: …, ratio: …}}")
        return
    least = metric["thresholdRange"]["min"] or metric["threshold"]
    gate = 1 - least.node.number() / 100
    if name == "request-success-rate" and least and 0 < gate < 1 and draft.judged and "metrics" not in draft.analysis:
        least.take()
        gate_of_errors(draft, gate)
        metric["name"].note("it is called errors here")
        metric["interval"].note("the judge counts from tick to tick")


def _template(draft: Draft, ref: Place) -> None:
    name = ref.look("name")
    for place in draft.ledger.roots():
        if (place.look("kind"), place.look("metadata", "name")) == ("MetricTemplate", name):
            if not place.ledger.covers(place.index, ("spec",)):
                named(place)
                place.lose("a query's value does not decide", _QUERY)
            return
    if ref:
        ref.lack(f"MetricTemplate {name[:63]} is not among the objects", "add it to the file")
