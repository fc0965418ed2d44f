"""What is read of an add-on's files, before any server sees it."""

from dataclasses import replace
from typing import Any

import pytest

from activities.clusters import add_ons
from activities.clusters import in_cluster as inside
from domain.clusters import metadata
from domain.clusters.spec import ClusterSpec, Network
from domain.core.documents import Object
from domain.core.errors import SluicewayError

CONFIG = "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s}}\n---\n"


@pytest.fixture
def spec(tmp_path):
    return ClusterSpec("new", "kwok", add_ons=("grafana",), connection={"add-ons": str(tmp_path)})


def names(spec):
    return [metadata.name(one) for part in add_ons.parts(spec, "grafana") for one in part.objects]


def test_what_an_add_on_consists_of_is_labelled_and_knows_its_namespace(spec, tmp_path):
    (tmp_path / "grafana.yaml").write_text(CONFIG % "a" + "---\n# nothing\n")
    (_, part) = add_ons.parts(spec, "grafana")

    assert part.namespace == "default"
    assert metadata.labels(part.objects[0])["sluiceway.dev/add-on"] == "grafana"


def test_several_files_go_in_by_the_order_of_their_names(spec, tmp_path):
    (tmp_path / "grafana").mkdir()
    for name in ("20-late", "10-early"):
        (tmp_path / "grafana" / f"{name}.yaml").write_text(CONFIG % name)

    assert names(spec) == ["10-early", "20-late"]


def test_kinds_and_namespaces_come_before_what_needs_them(spec, tmp_path):
    listed = "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Namespace, metadata: {name: space}}]}"
    (tmp_path / "grafana.yaml").write_text(CONFIG % "a" + listed)

    assert names(spec) == ["space", "a"]


def test_dates_and_equals_signs_are_text_as_for_kubernetes(spec, tmp_path):
    (tmp_path / "grafana.yaml").write_text('{apiVersion: v1, kind: A, metadata: {name: a}, of: [2026-01-01, =, "!="]}')
    (_, part) = add_ons.parts(spec, "grafana")

    assert part.objects[0]["of"] == ["2026-01-01", "=", "!="]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "is not YAML"),
        ("just words", "does not contain only objects"),
        ("{apiVersion: v1, kind: A, metadata: {name: 7}}", "does not contain only objects"),
        ("{apiVersion: v1, kind: A, metadata: {name: a, labels: [b]}}", "does not contain only objects"),
        ("!!python/object/apply:os.system [ls]", "is not YAML"),
    ],
)
def test_a_file_that_holds_no_objects_is_refused_before_anything_is_made(spec, tmp_path, text, words):
    (tmp_path / "grafana.yaml").write_text(text)

    assert words in inside.blocker(spec)


def test_an_add_on_that_is_not_there_says_where_it_is_looked_for(spec, tmp_path):
    with pytest.raises(SluicewayError) as missing:
        add_ons.parts(spec, "grafana")

    assert (missing.value.code, missing.value.where) == ("SLW946", str(tmp_path))
    assert "put NAME.yaml, a chart NAME" in inside.blocker(spec)
    plugin = replace(spec, add_ons=(), network=Network(plugin="flannel"))
    assert inside.blocker(plugin).startswith("flannel has no manifests")


def test_a_chart_where_there_is_no_helm_says_what_to_do(spec, tmp_path, monkeypatch):
    (tmp_path / "grafana").mkdir()
    (tmp_path / "grafana" / "Chart.yaml").write_text("name: grafana")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SluicewayError) as missing:
        add_ons.parts(spec, "grafana")

    assert "install helm" in missing.value.fix


def test_a_chart_is_rendered_for_its_namespace_by_values_and_without_anybodys_settings(spec, tmp_path, monkeypatch):
    (tmp_path / "grafana").mkdir()
    (tmp_path / "grafana" / "Chart.yaml").write_text("name: grafana")
    (tmp_path / "grafana.values.yaml").write_text("a: 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setenv("HELM_REPOSITORY_CONFIG", "/somebody")
    monkeypatch.setattr(add_ons, "ENVIRONMENT", {"PATH": "/bin:/usr/bin"})
    said = '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {call: "%s", of: "%s"}}'
    (tmp_path / "helm").write_text(f'#!/bin/sh\nprintf \'{said}\' "$*" "$HELM_REPOSITORY_CONFIG"\n')
    (tmp_path / "helm").chmod(0o755)
    first, part = add_ons.parts(spec, "grafana", "1.33.1")

    call = f"template grafana {tmp_path}/grafana --namespace monitoring --include-crds --no-hooks --kube-version 1.33.1"
    assert part.objects[0]["data"] == {"call": f"{call} --values {tmp_path}/grafana.values.yaml", "of": ""}
    assert part.namespace == metadata.name(first.objects[0]) == "monitoring"


class Ending:
    """A server whose namespace was deleted, and is gone after so many looks."""

    def __init__(self, looks: int) -> None:
        self.looks, self.applied = looks, 0

    def get(self, *what: str) -> Object | None:
        self.looks -= 1
        return {"metadata": {"deletionTimestamp": "now"}} if self.looks >= 0 else None

    def is_namespaced(self, *kind: str) -> bool:
        return False

    def apply(self, one: Object) -> None:
        assert self.looks < 0, "it is applied to what ends"
        self.applied += 1


SPACE: Object = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "space"}}


def test_what_another_part_has_left_and_ends_is_gone_before_it_is_made_again(monkeypatch):
    api: Any = Ending(1)
    add_ons.lay_down(api, [SPACE])
    assert api.applied == 1

    api = Ending(9)
    monkeypatch.setattr(add_ons, "ENDED_S", 0.0)
    with pytest.raises(SluicewayError, match="SLW946: Namespace space was deleted, and does not end"):
        add_ons.lay_down(api, [SPACE])
    assert api.applied == 0
