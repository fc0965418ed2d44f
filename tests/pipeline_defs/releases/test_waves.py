"""What was registered of an environment's clusters is what its rule carries."""

import pytest

from domain.releases.kubernetes.counted import Prometheus
from domain.releases.kubernetes.drift_classes import Policy
from domain.releases.kubernetes.registered import RegisteredTarget, explained, registered, text_of
from domain.releases.waves.plan import plan
from pipeline_defs.core import reader
from pipeline_defs.documents import KINDS, check
from pipeline_defs.releases.environment_model import Environment

HEAD = "apiVersion: sluiceway/v1\nkind: Environment\n"
TEXT = (
    HEAD
    + """name: production
target:
  kubernetes:
    namespace: shop
    gateway: infra/public
    host: "{service}.example"
    clusters:
      canary-eu: {region: eu}
      eu-1: {region: eu}
      us-1: {region: us}
    waves:
      - {clusters: canary-eu, soak: 30m}
      - {clusters: "region=eu", at-once: 2}
      - {clusters: ["region=us"]}
    unreachable: skip
"""
)


def target(text_) -> RegisteredTarget | None:
    """As it is registered from a document and read from its rule."""
    return registered(text(text_))


def text(document):
    found = reader.parse(document.encode(), "e.yaml", KINDS)
    assert found.source is not None, found.diagnostics
    assert isinstance(found.source.document, Environment)
    return text_of(found.source.document.model_dump(mode="json"))


def told(text):
    return [one.message for one in check(text.encode(), "e.yaml", lambda path: b"").diagnostics]


def test_a_registered_environment_gives_its_places_and_its_waves() -> None:
    found = target(TEXT)

    assert found is not None
    assert told(TEXT) == []
    assert found.place("eu-1").namespace == "shop"
    assert found.place("eu-1").host_of("web") == "web.example"
    assert [(wave.clusters, wave.soak_s, wave.at_once) for wave in plan(found.waves).waves] == [
        (("canary-eu",), 1800, 1),
        (("eu-1",), 0, 2),
        (("us-1",), 0, 1),
    ]


def test_a_cluster_that_was_not_registered_has_no_place() -> None:
    found = target(TEXT)

    assert found is not None
    with pytest.raises(KeyError):
        found.place("elsewhere")


def test_an_environment_of_one_cluster_has_no_waves() -> None:
    found = target(f"{HEAD}name: p\ntarget: {{kubernetes: {{cluster: c, namespace: n}}}}")

    assert found is not None
    assert (found.place().cluster, dict(found.clusters)) == ("c", {"c": {}})
    assert target(f"{HEAD}name: p\ntarget: docker") is None


@pytest.mark.parametrize(
    ("waves", "words"),
    [
        ("{clusters: nobody}", "means no cluster"),
        ("{clusters: 'region=='}", "neither a cluster nor a selector"),
        ("{clusters: canary-eu}", "no wave has"),
    ],
)
def test_waves_that_miss_a_cluster_are_errors(waves, words):
    head, _, _ = TEXT.partition("    waves:")

    assert any(words in one for one in told(f"{head}    waves: [{waves}]\n"))


def test_an_environment_names_one_cluster_or_several() -> None:
    assert "write either `cluster` or `clusters`" in told(
        TEXT.replace("namespace: shop", "namespace: s\n    cluster: c")
    )


def test_of_a_place_that_is_wrong_only_what_is_wrong_is_told():
    told = check(TEXT.replace("infra/public", "edge").encode(), "env.yaml", lambda path: None).diagnostics
    assert [(one.code, one.hint) for one in told] == [("SLW205", "such as infra/public")]


@pytest.mark.parametrize(("every", "words"), [("1s", 1), ("0", 0), ("10s", 0)])
def test_an_api_server_is_not_asked_for_drift_each_second(every, words) -> None:
    assert len(told(f"{TEXT}    drift-every: {every}\n")) == words


def test_how_often_drift_is_looked_for_is_registered_and_said() -> None:
    found = target(f"{TEXT}    drift: tell\n    drift-every: 5m\n")
    assert found is not None
    assert (found.drift, found.drift_every_s) == (Policy.TELL, 300.0)
    assert "drift is looked for every 60 s, and routes and workloads are put back" in dict(explained(text(TEXT)))
    assert len(list(explained(text(f"{TEXT}    drift-every: 0\n")))) == 1


def test_where_services_run_is_said_of_an_environment():
    where, _ = next(explained(text(TEXT)))
    assert (
        where
        == "services run in namespace shop of canary-eu, eu-1, us-1, with traffic through the Gateway infra/public"
    )
    assert list(explained("")) == list(explained("{")) == []


def counted(said: str, clusters: str = "cluster: eu") -> str:
    return f"{HEAD}name: e\ntarget: {{kubernetes: {{namespace: shop, {clusters}, counters: {{prometheus: {said}}}}}}}\n"


def test_the_registered_prometheus_is_that_of_each_cluster() -> None:
    said = '{address: "https://{cluster}.example/", labels: {cluster: "{cluster}", job: edge}}'
    document = counted(said, "clusters: {eu: {}, us: {}}")
    found = target(document)

    assert found is not None
    assert told(document) == []
    assert found.place("us").counters == Prometheus(
        address="https://us.example", labels={"cluster": "us", "job": "edge"}
    )
    assert any("counted by Prometheus" in line for line, _ in explained(text(document)))


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("{}", "one of both"),
        ("{address: prometheus}", "address"),
        ("{service: monitoring}", "service"),
        ("{address: 'https://a', labels: {code: '200'}}", "tells answers apart"),
        ("{address: 'https://a', token: x}", "token"),
    ],
)
def test_a_prometheus_that_cannot_count_is_told_when_linted(said, word) -> None:
    assert any(word in one for one in told(counted(said)))


def test_one_prometheus_for_several_clusters_says_which_series_are_whose() -> None:
    (message,) = told(counted("{address: 'https://a'}", "clusters: {eu: {}, us: {}}"))
    assert "{cluster}" in message
