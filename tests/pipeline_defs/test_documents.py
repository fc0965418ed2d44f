"""A definition is parsed and linted once, whoever asks for its plan afterwards."""

from collections import Counter

import pytest

from domain.triggers.events import Event, EventKind
from pipeline_defs.core import yaml_nodes
from pipeline_defs.documents import check
from pipeline_defs.pipelines import lint
from pipeline_defs.pipelines.compile import compile_plan, pipeline_of
from workers.worker.definition_reader import YamlReader

PIPELINE = b"""apiVersion: sluiceway/v1
kind: Pipeline
name: web
on: {push: {}}
jobs:
  one: {uses: c.yaml}
  two: {uses: c.yaml}
  cluster: {provision: {file: k.yaml}}
"""
FILES = {
    "c.yaml": b"apiVersion: sluiceway/v1\nkind: Component\nname: c\njobs:\n  x: {run: x}\n",
    "k.yaml": b"apiVersion: sluiceway/v1\nkind: Cluster\nname: k\ncluster: {provider: kwok}\n",
}


@pytest.fixture
def parsed(monkeypatch) -> Counter[str]:
    """File to how often it was parsed."""
    return counted(monkeypatch, yaml_nodes, "read", lambda data, file: file)


@pytest.fixture
def linted(monkeypatch) -> Counter[str]:
    """File to how often its jobs were linted."""
    return counted(monkeypatch, lint, "lint_dag", lambda jobs, reporter: reporter.source.file)


def counted(monkeypatch, module, name, file_of) -> Counter[str]:
    counter: Counter[str] = Counter()
    original = getattr(module, name)

    def counting(*given):
        counter[file_of(*given)] += 1
        return original(*given)

    monkeypatch.setattr(module, name, counting)
    return counter


def test_a_push_parses_and_lints_each_file_once(parsed, linted):
    read = YamlReader().read(PIPELINE, "p.yaml", Event(EventKind.PUSH, branch="main"), FILES.get)

    assert read.plan is not None
    assert [job.id for job in read.plan.jobs] == ["one-x", "two-x", "cluster"]
    assert parsed == {"p.yaml": 1, "c.yaml": 1, "k.yaml": 1}
    assert linted == {"p.yaml": 1, "c.yaml": 1}


def test_plans_of_many_events_are_made_of_one_check(parsed, linted):
    checked = check(PIPELINE, "p.yaml", FILES.get)
    for kind in EventKind:
        compile_plan(checked, Event(kind))

    assert pipeline_of(checked).name == "web"
    assert set(parsed.values()) == set(linted.values()) == {1}
