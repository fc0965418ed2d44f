"""Analysis templates as the judge's options: of thresholds, the one of errors is the smallest relevant excess."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.releases.imports.draft import Draft, span
from domain.releases.imports.ledger import Kind, Place
from domain.releases.imports.workload import named

_CONDITION = re.compile(r"\s*(?:all\()?\s*result(?:\[0\])?\s*(?P<than>[<>]=?)\s*(?P<value>\d{1,9}(?:\.\d{1,9})?)\)?\s*")
_ERRORS = re.compile(r"5\.\.|5\.\*|5\\+d|5xx|\^5|\[5\]|4\|5|1-4|failure_rate|error", re.IGNORECASE)
_EVIDENCE = "evidence decides, not a number of measurements"
PROMETHEUS = "counters: {prometheus: …} of the environment"
QUERIES = "analysis: {metrics: {NAME: {share: …, events: …, total: …}}} with two counters"
_OF_RUNS = {
    "dryRun": (Kind.LOSS, "every metric counts", "`sluiceway judge replay` tries other options"),
    "measurementRetention": (Kind.NOTE, "all measurements are kept by the engine's retention", ""),
    "analysisRunMetadata": (Kind.LOSS, "nothing in the cluster stands for an analysis", "`sluiceway release explain`"),
    "args": (Kind.LOSS, "the judge takes no arguments: it knows both versions by their releases", ""),
}
_OF_METRICS = {
    "count": (Kind.LOSS, _EVIDENCE, "min-dwell and max-dwell"),
    "failureLimit": (Kind.LOSS, _EVIDENCE, "alpha is the rate of false alarms"),
    "inconclusiveLimit": (Kind.LOSS, _EVIDENCE, "on-inconclusive"),
    "consecutiveErrorLimit": (Kind.LOSS, "a source that does not answer holds the release", "on-inconclusive"),
    "consecutiveSuccessLimit": (Kind.LOSS, _EVIDENCE, "beta"),
    "successCondition": (Kind.LOSS, "the new version is compared with the live one", "metrics: {errors: {gate: …}}"),
    "failureCondition": (Kind.LOSS, "the new version is compared with the live one", "metrics: {errors: {gate: …}}"),
    "provider.prometheus.query": (Kind.NOTE, "the router counts the errors of both versions", ""),
    "provider.prometheus": (Kind.LOSS, "the router counts, nobody else is asked", PROMETHEUS),
}
_INSTEAD = {
    "job": "a Job with annotation sluiceway.dev/hook: before, or a job of the pipeline around this one",
    "web": "checks: [{path: …}] ask the new version; what another system says, a job of the pipeline asks",
    "prometheus": f"{QUERIES}, and {PROMETHEUS}",
}
_SLOW = "slow90 and slow99 compare the share of slow requests with the live version's; a limit in seconds is none"
MAX_DEPTH = 10


def add(draft: Draft, analysis: Place) -> None:
    """The metrics of all templates that an analysis names."""
    for ref in analysis["templates"].items():
        _template(draft, ref, 0)
    analysis.rest(_OF_RUNS)


def _template(draft: Draft, ref: Place, depth: int) -> None:
    name = ref.look("templateName")
    kind = "ClusterAnalysisTemplate" if ref["clusterScope"].node.value is True else "AnalysisTemplate"
    for key in ("templateName", "clusterScope"):
        ref[key].note("its metrics are told where they are")
    places = [one for one in draft.ledger.roots() if (one.look("kind"), one.look("metadata", "name")) == (kind, name)]
    if not places or depth > MAX_DEPTH:
        ref.lack(f"{kind} {name[:63]} is not among the objects", "add it to the file")
        return
    template = places[0]
    if template.ledger.covers(template.index, ("kind",)):
        return
    named(template)
    template["metadata"].rest({"labels": (Kind.NOTE, "a definition has no labels", "")})
    for metric in template["spec"]["metrics"].items():
        _metric(draft, metric)
    for inner in template["spec"]["templates"].items():
        _template(draft, inner, depth + 1)
    template["spec"].rest(_OF_RUNS)


def _metric(draft: Draft, metric: Place) -> None:
    query = metric.look("provider", "prometheus", "query")
    bound = next(_bounds(metric), None)
    if not query or "/" not in query or not _ERRORS.search(query) or bound is None or "metrics" in draft.analysis:
        _told(metric, query)
        return
    place, gate = bound
    place.take()
    gate_of_errors(draft, gate)
    metric["name"].note("it is called errors here")
    _times(draft, metric)
    metric.rest(_OF_METRICS)


def gate_of_errors(draft: Draft, gate: float) -> None:
    """The default metrics, errors with an excess that is too small to matter below this."""
    slow = {"share": 0.25}
    draft.analysis["metrics"] = {"errors": {"share": 0.5, "gate": round(gate, 9)}, "slow90": slow, "slow99": {**slow}}


def _bounds(metric: Place) -> Iterator[tuple[Place, float]]:
    """The share of errors that is still good, by each condition that says one."""
    for key, good in (("successCondition", True), ("failureCondition", False)):
        found = _CONDITION.fullmatch(metric.look(key)[:200])
        if not found:
            continue
        value = float(found["value"])
        share = value / 100 if value > 1 else value
        of_errors = found["than"].startswith("<") is good
        gate = share if of_errors else 1 - share
        if 0 < gate < 1:
            yield metric[key], gate


def _told(metric: Place, query: str) -> None:
    provider = next((key for key, _ in metric["provider"].fields()), "")
    if "histogram_quantile" in query or "latency" in metric.look("name").lower():
        metric.lose(_SLOW, "metrics: {slow90: {share: …, ratio: …}}")
        return
    shown = provider[:40] or "no provider"
    metric.lose(f"a measurement by {shown} does not decide", _INSTEAD.get(provider, _INSTEAD["prometheus"]))


def _times(draft: Draft, metric: Place) -> None:
    tick = metric["interval"].seconds()
    if tick is not None:
        within = min(max(tick, 0.1), 3600.0)
        draft.analysis["tick"] = span(within)
        if within != tick:
            metric["interval"].lose("evaluations are 0.1 s to 1 h apart", "tick")
    delay = metric["initialDelay"].seconds()
    if delay is not None:
        draft.analysis["warm-up"] = span(delay)
