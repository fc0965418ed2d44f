"""Clusters and templates are linted as pipelines are: every problem, in its file and line."""

import pytest

from domain.triggers.events import Event, EventKind
from pipeline_defs.clusters import compile as clusters
from pipeline_defs.core.diagnostics import InvalidDefinitionError
from pipeline_defs.documents import check
from pipeline_defs.pipelines.compile import compile_plan
from tests.support.command_line import call

TEMPLATE = """apiVersion: sluiceway/v1
kind: ClusterTemplate
name: small
params:
  nodes: {type: integer, default: 2}
  zone: {type: string, required: true}
cluster:
  provider: kwok
  pools:
    - name: web
      count: ${{ params.nodes }}
      zones: ["${{ params.zone }}"]
      labels: {size: "n-${{ params.nodes }}"}
"""
CLUSTER = """apiVersion: sluiceway/v1
kind: Cluster
name: edge
template: small.yaml
with: {nodes: 3, zone: east}
"""
FILES = {"small.yaml": TEMPLATE.encode()}


def problems(text, files=FILES):
    return [str(one).splitlines()[0] for one in check(text.encode(), "edge.yaml", files.get).diagnostics]


def test_parameters_fill_a_template_and_keep_their_types() -> None:
    spec = clusters.read(CLUSTER.encode(), "edge.yaml", FILES.get)

    assert (spec.name, spec.pools[0].count, spec.pools[0].zones) == ("edge", 3, ("east",))
    assert spec.pools[0].labels == {"size": "n-3"}


def test_what_the_command_line_gives_counts_more() -> None:
    spec = clusters.read(CLUSTER.encode(), "edge.yaml", FILES.get, {"nodes": "5"})

    assert spec.pools[0].count == 5


def test_what_the_cluster_says_itself_decides() -> None:
    text = CLUSTER + "cluster: {storage: local-path, pools: [{name: db}]}\n"
    spec = clusters.read(text.encode(), "edge.yaml", FILES.get)

    assert (spec.storage, [pool.name for pool in spec.pools], spec.provider) == ("local-path", ["db"], "kwok")


def test_a_template_is_linted_with_something_for_parameters_without_a_default() -> None:
    assert not [str(one) for one in check(TEMPLATE.encode(), "small.yaml", FILES.get).diagnostics]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("nodes: 3", "nodez: 3"), "edge.yaml:5:7: error SLW501: unknown parameter 'nodez'"),
        ((", zone: east", ""), "edge.yaml:5:7: error SLW501: parameter 'zone' is required"),
        (("nodes: 3", "nodes: three"), "edge.yaml:5:7: error SLW501: parameter 'nodes': 'three' is not an integer"),
        (("small.yaml", "other.yaml"), "edge.yaml:4:11: error SLW601: other.yaml cannot be read"),
        (("nodes: 3", "nodes: 6000"), "small.yaml:11:14: error SLW203: pools.0.count"),
        (("template: small.yaml\nwith: {nodes: 3, zone: east}", ""), "error SLW202: either 'template' or 'cluster'"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(change, said):
    assert any(said in one for one in problems(CLUSTER.replace(*change)))


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("{provider: kwok, network: {services: 10.244.1.0/24}}", "SLW310: the services range 10.244.1.0/24 overlaps"),
        ("{provider: kwokk}", "SLW206: 'kwokk' is not allowed for provider"),
        ("{provider: kwok, connection: {token: abc}}", "SLW307: 'token' must be the name of a secret"),
        ("{provider: kwok, pools: [{name: a}, {name: a}]}", "SLW310: two pools have the name a"),
        ("{provider: kwok, nodes: 3}", "SLW201: unknown key 'nodes'"),
        ("{provider: kwok, pools: [{name: a, count: 3, max-count: 2}]}", "SLW310: max-count 2 is below the count 3"),
    ],
)
def test_a_block_that_cannot_work_is_told(block, said):
    text = f"apiVersion: sluiceway/v1\nkind: Cluster\nname: edge\ncluster: {block}\n"

    assert any(said in one for one in problems(text))


def test_the_words_that_a_field_may_have_leave_out_that_it_may_be_empty() -> None:
    text = "apiVersion: sluiceway/v1\nkind: Cluster\nname: edge\ncluster: {provider: host, parts: {gateway: nginx}}\n"

    assert "one of traefik, istio" in str(check(text.encode(), "edge.yaml", FILES.get).diagnostics[0])


def test_a_wrong_word_of_an_override_is_told_in_the_file_that_has_it() -> None:
    text = CLUSTER + "cluster:\n  storage: floppy\n"

    assert any(one.startswith("edge.yaml:7:12") for one in problems(text))


def test_reading_what_is_no_cluster_is_refused() -> None:
    with pytest.raises(InvalidDefinitionError):
        clusters.read(b"apiVersion: sluiceway/v1\nkind: Environment\nname: x\n", "x.yaml", FILES.get)


@pytest.mark.parametrize("name", ["", "../../etc", "a/b", "Edge", "-x"])
def test_a_name_that_could_be_a_path_is_refused(name):
    with pytest.raises(InvalidDefinitionError) as refused:
        clusters.read(TEMPLATE.encode(), "small.yaml", FILES.get, {"zone": "east"}, name)

    assert [one.code for one in refused.value.diagnostics] == ["SLW205"]


PIPELINE = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\nparams: {size: {type: integer, default: 2}}\njobs:\n"


def planned(block, files=FILES):
    text = f"{PIPELINE}  made:\n    provision: {block}\n"
    event = Event(EventKind.MANUAL, commit="0" * 40)
    (job,) = compile_plan(check(text.encode(), "p.yaml", files.get), event).jobs
    return job.provision


def test_a_jobs_cluster_is_read_with_the_pipeline_and_filled_with_its_parameters() -> None:
    made = planned("{file: small.yaml, with: {zone: east, nodes: '${{ params.size }}'}}")

    assert made.cluster.pools[0].count == 2
    assert made.name == "web-${{ run.number }}-made"


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("{file: none.yaml}", "p.yaml:7:23: error SLW601"),
        ("{file: small.yaml, with: {place: east, zone: x}}", "SLW501"),
        ("{file: small.yaml, with: {zone: '${{ params.nothing }}'}}", "SLW402"),
        ("{file: small.yaml, with: {zone: '${{ params.size }}', nodes: many}}", "SLW501"),
    ],
)
def test_what_is_wrong_with_a_jobs_cluster_is_told_by_lint(block, said):
    found = check(f"{PIPELINE}  made:\n    provision: {block}\n".encode(), "p.yaml", FILES.get).diagnostics

    assert any(said in str(one) for one in found), [str(one) for one in found]


BESIDE = """apiVersion: sluiceway/v1
kind: Cluster
name: edge
cluster:
  provider: {provider}
  parts:
    dns: {dns}
"""


def test_parts_are_read_by_role_and_what_is_left_out_is_none() -> None:
    spec = clusters.read(BESIDE.format(provider="host", dns="coredns").encode(), "edge.yaml", FILES.get)
    assert spec.parts == {"dns": "coredns"}
    assert clusters.read(CLUSTER.encode(), "edge.yaml", FILES.get).parts == {}


@pytest.mark.parametrize(("provider", "dns"), [("host", "bind"), ("kwok", "coredns")])
def test_a_part_that_cannot_be_is_told_in_its_line(provider, dns) -> None:
    (told,) = problems(BESIDE.format(provider=provider, dns=dns))
    assert told.startswith("edge.yaml:7:")
    assert dns in told or provider in told


@pytest.mark.parametrize(("given", "code"), [("dsn", "SLW501"), ("metrics", "SLW310")])
def test_parts_that_the_command_line_adds_are_checked_before_anything_is_asked(tmp_path, monkeypatch, given, code):
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path))
    (tmp_path / "edge.yaml").write_text(BESIDE.format(provider="kwok", dns='""'))
    status, _, err = call("cluster", "create", str(tmp_path / "edge.yaml"), "--with", given)
    assert status != 0
    assert code in err
