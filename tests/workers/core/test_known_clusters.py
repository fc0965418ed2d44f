"""A definition is checked against what was last read of the clusters that its environment releases to."""

import json
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest

from activities.clusters.kept_facts import KeptFacts
from domain.access.actions import Action
from domain.clusters.facts import KIND, ClusterFacts, document
from pipeline_defs.documents import check
from tests.support.command_line import call
from workers.client.definitions import TextDefinitions
from workers.core.known_clusters import MOST_ENVIRONMENTS, KnownClusters
from workers.core.records import open_records
from workers.core.settings import load

TARGET = {"namespace": "shop", "gateway": "infra/public", "clusters": {"eu": {}, "us": {}, "unread": {}}}
REGISTERED = {"production": {"target": {"kubernetes": TARGET}}, "here": {"target": "local"}}
TEXT = f"""apiVersion: sluiceway/v1
kind: Pipeline
name: web
jobs:
  ship:
    environment: production
    deploy:
      {{service: web, target: kubernetes, image: 'a@sha256:{"0" * 64}', autoscale: {{max: 3}}}}
"""
TOLD = "these clusters cannot scale each version by itself with router 'gateway-api': "


class Table:
    """Of registered environments, and of what is known of clusters."""

    is_sqlite = True

    def __init__(self):
        self.asked = 0
        read = [("eu", True), ("us", False), ("other", False)]
        facts = {name: ClusterFacts(cluster=name, read_at="1970-01-01T00:01:00Z", metrics=can) for name, can in read}
        self.rows_of: dict[str, dict[str, Any]] = {
            "Environment": REGISTERED,
            KIND: {name: document(one) for name, one in facts.items()},
        }

    def rows(self, query, **values):
        self.asked += 1
        known = next(rows for kind, rows in self.rows_of.items() if f"'{kind}'" in query)
        return [{"name": one, "body": json.dumps(known[one])} for one in values.values() if one in known]


def test_what_its_clusters_lack_is_a_warning_with_the_age_of_what_was_read():
    known = KnownClusters(Table(), clock=lambda: 150.0)
    (one,) = known.lint(check(TEXT.encode(), "p.yaml", lambda _: None))
    assert (one.severity, one.code, one.message) == ("warning", "SLW708", f"{TOLD}us (read 1m30s ago)")


@pytest.mark.parametrize("environment", ["here", "nowhere", "${{ params.where }}"])
def test_an_environment_without_clusters_is_told_nothing(environment):
    assert KnownClusters(Table()).of(environment) == ()


def test_a_text_with_many_environments_costs_few_looks():
    records = Table()
    known = KnownClusters(records)
    for _ in range(2):
        for number in range(MOST_ENVIRONMENTS * 3):
            known.of(f"e{number}")
    assert records.asked == MOST_ENVIRONMENTS


@pytest.mark.parametrize("hidden", ["us", "production", ""])
async def test_over_the_api_nobody_is_told_of_what_they_may_not_read(hidden):
    def verdicts(pairs):
        assert {action for action, _ in pairs} == {Action.CLUSTERS_READ, Action.ENVIRONMENTS_READ}
        return [SimpleNamespace(allowed=about.name != hidden) for _, about in pairs]

    caller = SimpleNamespace(on_behalf_of="", principal=SimpleNamespace(id=f"person:{hidden or 'ann'}"))
    guard = SimpleNamespace(caller=caller, need=lambda *_: None, verdicts=verdicts)
    definitions = TextDefinitions(guard, lambda may: KnownClusters(Table(), may, lambda: 60.0))
    remarks = [one.what for one in await definitions.lint(TEXT)]
    assert remarks == ([] if hidden else [f"{TOLD}us (read 0.0 s ago)"])


def test_the_command_lint_knows_the_clusters_of_its_home(home, tmp_path):
    target = "{kubernetes: {namespace: shop, cluster: us}}"
    document = f"apiVersion: sluiceway/v1\nkind: Environment\nname: production\ntarget: {target}\n"
    (tmp_path / "e.yaml").write_text(document)
    (tmp_path / "p.yaml").write_text(TEXT)
    assert call("apply", "e.yaml", cwd=tmp_path)[0] == 0
    with closing(open_records(load())) as records:
        KeptFacts(records.definitions).remember(ClusterFacts(cluster="us"))
    code, said, _ = call("lint", "p.yaml", cwd=tmp_path)
    assert (code, f"{TOLD}us (read once, nobody knows when)" in said) == (0, True)
