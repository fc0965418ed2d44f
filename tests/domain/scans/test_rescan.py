"""What a newer database says of what runs: an alarm for news that matter, and an objection to what is no better."""

from hypothesis import given
from hypothesis import strategies as st

from domain.scans.findings.model import Finding, FindingKind, Severity, State
from domain.scans.rescan import MAX_NAMED, Running, WatchRule, alarm, objection

RUNNING = Running(environment="production", service="web", instance="r1", version="1")
names = st.sampled_from([one.value for one in Severity if one is not Severity.UNKNOWN])
rules = st.builds(WatchRule, severity=names, unknown_as=names)
findings = st.lists(
    st.builds(
        Finding,
        tool=st.just("trivy"),
        rule=st.sampled_from(["CVE-1", "CVE-2"]),
        kind=st.sampled_from([FindingKind.VULNERABILITY, FindingKind.SECRET]),
        severity=st.sampled_from(Severity),
        message=st.just(""),
        package=st.just("pkg:pypi/brook@1.0"),
        state=st.sampled_from([State.NEW, State.ESCALATED, State.EXISTING, State.SUPPRESSED]),
    ),
    max_size=30,
)


def matters(one: Finding, rule: WatchRule) -> bool:
    severity = Severity(rule.unknown_as) if one.severity is Severity.UNKNOWN else one.severity
    return one.kind is FindingKind.VULNERABILITY and severity.rank >= Severity(rule.severity).rank


@given(findings, rules)
def test_an_alarm_counts_the_news_that_matter_and_nothing_else(found, rule):
    news = [one for one in found if matters(one, rule) and one.state in (State.NEW, State.ESCALATED)]
    told = alarm(RUNNING, found, rule)

    assert (told.number if told else 0) == len(news)
    assert told is None or len(told.news) == min(len(news), MAX_NAMED)


@given(findings, rules)
def test_a_version_may_come_back_only_without_anything_that_matters_old_or_new(found, rule):
    bad = [one for one in found if matters(one, rule) and one.state is not State.SUPPRESSED]

    assert bool(objection(found, rule)) == bool(bad)
