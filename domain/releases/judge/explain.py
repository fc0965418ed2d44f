"""Explains the judge's numbers in sentences for people."""

from __future__ import annotations

from math import ceil

from domain.releases.judge.eprocess import AcceptE
from domain.releases.judge.interval import Interval
from domain.releases.judge.judge import Evidence, Judge, Verdict
from domain.releases.judge.policy import ERRORS

_TITLES = {"errors": "failed", "slow90": "slower than the stable's p90", "slow99": "slower than the stable's p99"}


def rate(events: int, requests: int) -> str:
    """Such as `3 of 1,200 (0.25 %)`; without requests no percentage."""
    return f"{events:,} of {requests:,}" + (f" ({percent(events / requests)})" if requests else "")


def percent(value: float) -> str:
    """Two significant digits: 0.05 %, 1.2 %, 34 %."""
    scaled = 100 * value
    return f"{scaled:.2g} %" if scaled < 10 else f"{scaled:.0f} %"


def compared(evidence: Evidence) -> str:
    """Counts and rates of both arms, and evidence against its threshold."""
    title = _TITLES.get(evidence.metric.name, evidence.metric.name)
    return (
        f"{title}: {rate(*evidence.canary)} with the new version, {rate(*evidence.stable)} with the stable one;"
        f" evidence {evidence.process.evidence:.1f} of {evidence.threshold:.1f}"
    )


def ratio(evidence: Evidence, interval: Interval, alpha: float) -> str:
    """The ratio to the stable version's rate, with its always-valid interval."""
    (x_c, n_c), (x_s, n_s) = evidence.canary, evidence.stable
    confidence = f"{100 * (1 - alpha):g} % confidence at any time"
    known = n_c and n_s and x_s
    said = f"{(x_c / n_c) / (x_s / n_s):.2g} times the stable's rate" if known else "the ratio of the rates"
    return f"{said} ({interval}, with {confidence})" if known else f"{said} is {interval}, with {confidence}"


def subject(judge: Judge) -> Evidence:
    """The metric that a verdict is about: the failing one, else the one closest to failing."""
    nearest = max(judge.evidence.values(), key=lambda one: max(one.process.evidence, 0) / one.threshold)
    return judge.failing or nearest


def failed(judge: Judge, evidence: Evidence) -> str:
    """Why the release rolls back, with counts and evidence of the failing metric."""
    return f"the new version is worse: {compared(evidence)}"


def together(count: int, evidence: Evidence, parts: str = "clusters") -> str:
    """Why all clusters, or services, go back. The counts are sums over them; the evidence compares within each."""
    return f"the new version is worse, whichever of {count} {parts} is left out: {compared(evidence)}"


def silent(judge: Judge) -> str:
    """Why the release pauses or rolls back: the route sends the new version no traffic."""
    return f"the new version should get traffic and has had none for {judge.silent_s:g} s: the route is at fault"


def amber(judge: Judge) -> str:
    """Why the weight stays: the evidence is at half of the rollback threshold, or more."""
    first = judge.evidence[judge.amber[0]]
    return f"suspicious, so the weight is frozen: {compared(first)}"


def incident(judge: Judge) -> str:
    """Why nothing is decided: the stable version's error rate is above `slo_hold`."""
    return (
        f"the stable version fails {percent(judge.stable_error_rate)} of its requests too:"
        f" a shared incident, no decision until it is under {percent(judge.policy.slo_hold)}"
    )


def safe(judge: Judge, next_percent: float) -> str:
    """Why the next weight is safe, with the margin and the evidence (natural logarithm)."""
    accept = judge.accepts[next_percent]
    return (
        f"more than {percent(accept.margin)} additional failures are excluded"
        f" (logA {accept.evidence:.1f} of {judge.policy.accepted:.1f}); {compared(subject(judge))}"
    )


def proved(judge: Judge, next_percent: float) -> str:
    """Why the next weight is safe although this cluster alone has not shown it."""
    return f"all clusters together have proven {next_percent:g} %; here {needed(judge, next_percent)}"


def watched(judge: Judge) -> str:
    """What was observed in a step that needs no evidence."""
    seen = "suspicious, but within the budget" if judge.amber else "nothing suspicious"
    return f"{seen} in {judge.dwelt_s:g} s; {compared(subject(judge))}"


def needed(judge: Judge, next_percent: float) -> str:
    """How far the evidence for the next weight is, and about how many clean requests are missing."""
    accept, more = judge.accepts[next_percent], clean_requests_needed(judge, next_percent)
    count = f", about {more:,} more requests without a failure needed" if more else ""
    return f"evidence for {next_percent:g} % is {accept.evidence:.1f} of {judge.policy.accepted:.1f}{count}"


def clean_requests_needed(judge: Judge, next_percent: float) -> int:
    """Canary requests that would prove the margin if none failed, at the current weight and stable error rate."""
    accept, (_, n_c), (x_s, n_s) = (
        judge.accepts[next_percent],
        judge.evidence[ERRORS].canary if ERRORS in judge.evidence else (0, 0),
        judge.evidence[ERRORS].stable if ERRORS in judge.evidence else (0, 0),
    )
    if not n_c or not n_s:
        return 0
    gain = accept.gain(0, 1, x_s / n_c, n_s / n_c)
    missing = judge.policy.accepted - accept.evidence
    return ceil(missing / gain) if gain > 0 and missing > 0 else 0


def excluded(judge: Judge) -> AcceptE | None:
    """The smallest margin shown to hold."""
    shown = [accept for accept in judge.accepts.values() if accept.evidence >= judge.policy.accepted]
    return min(shown, key=lambda one: one.margin, default=None)


def inconclusive(judge: Judge, next_percent: float, waited_s: float) -> str:
    """The result after the longest dwell, when the next weight is neither safe nor failing."""
    shown = excluded(judge)
    known = f"more than {percent(shown.margin)} additional failures are excluded" if shown else "no margin is excluded"
    return f"inconclusive after {waited_s:g} s: {known}; {needed(judge, next_percent)}"


def verdict(judge: Judge) -> str:
    """Why the verdict is what it is."""
    failing = judge.failing
    if failing:
        return failed(judge, failing)
    if judge.verdict is Verdict.PASS:
        return safe(judge, 100.0)
    if judge.amber:
        return amber(judge)
    if judge.incident:
        return incident(judge)
    return needed(judge, 100.0)
