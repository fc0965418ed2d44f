"""What is wrong with the way a service is to be released is told before anything runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.releases.judge.policy import OnInconclusive, Policy
from pipeline_defs.core import diagnostics as problems
from pipeline_defs.documents import check
from pipeline_defs.releases.analysis_lint import read_policy

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\njobs:\n  d:\n    environment: e\n    deploy:\n"
GOOD = {
    "canary": "strategy: canary, analysis: {tick: 1s, steps: [5, 50], slo-hold: 0.2}, routing: {header: 'X-Beta: yes'}",
    "blue-green": "strategy: blue-green, blue-green: {split: 25}, checks: [{path: /ready, contains: ok}]",
    "dast": "strategy: blue-green, dast: {fail-on: medium, modules: [xss, sql], timeout: 5m, skipped: allow}",
    "rolling": "strategy: rolling, instances: 4, rolling: {batch: 2, max-unavailable: 1}, analysis: false",
    "a worker": "router: none, strategy: rolling, analysis: false",
    "approvals": "strategy: canary, approvals: [{before: 50, groups: [ops]}, {before: promotion, users: [ann]}]",
    "counters": "strategy: canary, analysis: {prometheus: 'http://p:9090', metrics: {errors: {share: 0.5}, "
    "orders: {share: 0.5, events: 'sum(orders_failed_total{version=\"{{version}}\"})', "
    "total: 'orders_total{version=\"{{version}}\"}'}}}",
}
BAD = {
    "a mistyped strategy": ("strategy: canari", "SLW701", "did you mean 'canary'"),
    "a router that cannot weigh": ("router: none, strategy: canary", "SLW703", "recreate"),
    "mirroring without a router": ("router: none, strategy: canary, routing: {mirror: 10}", "SLW703", "router"),
    "an option of another strategy": ("strategy: canary, blue-green: {split: 10}", "SLW702", "blue-green"),
    "analysis of a recreate": ("analysis: {tick: 1s}", "SLW702", "canary"),
    "a rollback window without a warm version": ("strategy: rolling, rollback-window: 5m", "SLW702", "canary"),
    "shares over one": (
        "strategy: canary, analysis: {metrics: {errors: {share: 1}, slow99: {share: 0.5}}}",
        "SLW203",
        "1.5",
    ),
    "shares under one": ("strategy: canary, analysis: {metrics: {errors: {share: 0.5}}}", "SLW203", "0.5"),
    "weights that fall": ("strategy: canary, analysis: {steps: [50, 25]}", "SLW203", "rise"),
    "dwell the wrong way round": (
        "strategy: canary, analysis: {min-dwell: 1h, max-dwell: 1m}",
        "SLW203",
        "longer than max-dwell",
    ),
    "a tick of a millisecond": ("strategy: canary, analysis: {tick: 1ms}", "SLW203", "tick"),
    "alpha of 1": ("strategy: canary, analysis: {alpha: 1}", "SLW203", "less than 1"),
    "prometheus without an address": ("strategy: canary, analysis: {source: prometheus}", "SLW203", "http://"),
    "one query": (
        "strategy: canary, analysis: {prometheus: 'http://p', metrics: {o: {share: 1, events: 'a_total{version=\"{{version}}\"}'}}}",
        "SLW202",
        "two queries",
    ),
    "a gauge": (
        "strategy: canary, analysis: {prometheus: 'http://p', metrics: {o: {share: 1, events: 'queue_length{version=\"{{version}}\"}', "
        "total: 'a_total{version=\"{{version}}\"}'}}}",
        "SLW704",
        "gauges",
    ),
    "a rate": (
        "strategy: canary, analysis: {prometheus: 'http://p', metrics: {o: {share: 1, events: 'rate(a_total{version=\"{{version}}\"}[1m])', "
        "total: 'a_total{version=\"{{version}}\"}'}}}",
        "SLW704",
        "increases",
    ),
    "one count for both": (
        "strategy: canary, analysis: {prometheus: 'http://p', metrics: {o: {share: 1, events: 'a_total', total: 'b_total'}}}",
        "SLW704",
        "both versions",
    ),
    "an unknown arm": (
        "strategy: canary, analysis: {prometheus: 'http://p', metrics: {o: {share: 1, events: 'a_total{v=\"{{version}}\",x=\"{{vesion}}\"}', "
        "total: 'a_total{version=\"{{version}}\"}'}}}",
        "SLW402",
        "did you mean 'version'",
    ),
    "queries of a metric of the router": (
        "strategy: canary, analysis: {prometheus: 'http://p', metrics: {errors: {share: 1, events: 'a_total', total: 'b_total'}}}",
        "SLW203",
        "source",
    ),
    "no header": ("strategy: canary, routing: {header: beta}", "SLW203", "Name: value"),
    "a header that would end the rule": ("strategy: canary, routing: {header: 'X: `)'}", "SLW203", "Name: value"),
    "no cookie": ("strategy: canary, routing: {cookie: 'a b'}", "SLW203", "name=value"),
    "all missing at once": (
        "strategy: rolling, instances: 2, rolling: {max-unavailable: 2}",
        "SLW203",
        "less than instances",
    ),
    "a quorum nobody reaches": (
        "strategy: canary, approvals: [{before: 50, users: [ann], quorum: 2}]",
        "SLW203",
        "only 1 user",
    ),
    "an approval before nothing": ("strategy: canary, approvals: [{before: 0}]", "SLW203", "greater than 0"),
    "a check of another host": ("strategy: canary, checks: [{path: 'http://x'}]", "SLW205", "another form"),
}


def found(deploy):
    text = f"{HEAD}      {{service: s, command: [x], {deploy}}}\n"
    return list(check(text.encode(), "p.yaml", lambda path: None).diagnostics)


@pytest.mark.parametrize("name", GOOD)
def test_a_release_that_can_work_has_no_problem(name):
    assert found(GOOD[name]) == []


@pytest.mark.parametrize("name", BAD)
def test_a_release_that_cannot_work_is_told_with_its_place(name):
    deploy, code, word = BAD[name]
    told = found(deploy)

    assert code in [p.code for p in told]
    assert all(p.line == 8 and p.column > 7 for p in told)
    assert any(word in f"{p.message} {p.hint}" for p in told), [str(p) for p in told]


def test_the_defaults_of_a_definition_are_those_of_the_judge_but_a_release_without_evidence_is_held() -> None:
    read, told = read_policy(b"tick: 10s\n", "p.yaml")

    assert told == []
    assert read == Policy(on_inconclusive=OnInconclusive.HOLD)
    assert Policy().on_inconclusive is OnInconclusive.PROMOTE, "what releases of before had in mind"


def test_a_policy_may_stand_in_a_file_of_its_own_with_every_problem_at_its_place() -> None:
    read, told = read_policy(b"analysis:\n  alfa: 0.1\n  steps: [50, 25]\n", "p.yaml")

    assert read is None
    assert [(p.code, p.line, p.column) for p in told] == [("SLW201", 2, 3), ("SLW203", 3, 3)]


@given(
    st.binary(max_size=200) | st.text(st.sampled_from("analysis:{}[] \nmetrics.0123tick"), max_size=80).map(str.encode)
)
def test_no_bytes_make_a_traceback_of_a_policy(data):
    read, told = read_policy(data, "p.yaml")

    assert (read is None) == bool(problems.errors(told))
