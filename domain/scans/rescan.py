"""Checks live releases against a newer vulnerability database: which vulnerabilities are new, and what follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.scans.findings.model import Finding, FindingKind, Severity, State

MAX_NAMED = 20


class Then(StrEnum):
    """What follows when a live version has a new vulnerability."""

    NOTIFY = "notify"
    """People are notified."""
    BLOCK = "block"
    """The image may not be released again: its gate counts as closed."""
    REBUILD = "rebuild"
    """Its pipeline runs again, at the branch's current commit."""
    ROLLBACK = "rollback"
    """The previous version is released again, unless it has alarming vulnerabilities too."""


@dataclass(frozen=True)
class WatchRule:
    """Which new vulnerabilities of live versions raise an alarm, and what follows."""

    severity: str = "critical"
    """The lowest severity that raises an alarm."""
    unknown_as: str = "high"
    """The severity that an unrated vulnerability counts as."""
    then: tuple[Then, ...] = (Then.NOTIFY,)


@dataclass(frozen=True, kw_only=True)
class Running:
    """A live version of a service."""

    environment: str
    service: str
    instance: str
    version: str = ""
    image: str = ""
    """Image digest; empty: not an image."""
    run: str = ""
    """The run that released it; empty: unknown."""
    commit: str = ""

    @property
    def key(self) -> str:
        """The key of its last report."""
        return f"{self.environment}/{self.service}/{self.instance}"


@dataclass(frozen=True)
class Alarm:
    """New vulnerabilities of a live version."""

    running: Running
    news: tuple[str, ...]
    """`CVE-… critical in PACKAGE INSTALLED (fixed in …)`, worst first, some of them."""
    number: int
    then: tuple[Then, ...]

    def words(self) -> str:
        """One line for a notification."""
        what = self.running.image or f"commit {self.running.commit[:12]}"
        more = f" and {self.number - len(self.news)} more" if self.number > len(self.news) else ""
        who = f"{self.running.service} {self.running.version} in {self.running.environment}"
        return f"{who} ({what}) has {self.number} new: {'; '.join(self.news)}{more}"


def alarm(running: Running, findings: Iterable[Finding], rule: WatchRule) -> Alarm | None:
    """The alarm for findings compared with the last report; None: nothing new that matters."""
    least = Severity(rule.severity).rank
    news = [one for one in findings if _is_news(one) and _severity(one, rule).rank >= least]
    if not news:
        return None
    worst = sorted(news, key=lambda one: (-_severity(one, rule).rank, one.rule, one.package))
    named = tuple(_words(one, rule) for one in worst[:MAX_NAMED])
    return Alarm(running, named, len(news), rule.then)


def objection(findings: Iterable[Finding], rule: WatchRule) -> str:
    """Why a version cannot be rolled back to: its worst alarming vulnerability; empty: it can."""
    least = Severity(rule.severity).rank
    bad = [
        one
        for one in findings
        if one.kind is FindingKind.VULNERABILITY
        and one.state is not State.SUPPRESSED
        and _severity(one, rule).rank >= least
    ]
    return _words(max(bad, key=lambda one: _severity(one, rule).rank), rule) if bad else ""


def _is_news(finding: Finding) -> bool:
    return finding.kind is FindingKind.VULNERABILITY and finding.state in (State.NEW, State.ESCALATED)


def _severity(finding: Finding, rule: WatchRule) -> Severity:
    return Severity(rule.unknown_as) if finding.severity is Severity.UNKNOWN else finding.severity


def _words(finding: Finding, rule: WatchRule) -> str:
    fixed = f"fixed in {finding.fixed_in}" if finding.fixed_in else "no fix"
    package = finding.package.partition("?")[0]
    return f"{finding.rule} {_severity(finding, rule)} in {package} ({fixed})"[:200]
