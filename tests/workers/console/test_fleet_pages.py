"""Pages of clusters: within their budget, nothing old is green, everything that a search finds has a page."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markupsafe import Markup

from activities.inventory.port import ClusterLife
from domain.access.actions import Action
from domain.inventory.model import EventRow, Freshness, Health
from domain.inventory.rollup import FAILED_KEPT_S
from tests.support.memory_client import seeded
from tests.support.memory_client.fleets import MemoryFleets
from tests.support.memory_client.world import NOW
from tests.workers.console.site import reader
from tests.workers.console.test_pages import read
from tests.workers.console.walk import NAMESPACE
from workers.client.ports.fleets import EnvironmentVersions, Fleet, FleetCluster, FleetService, Found, VersionCount
from workers.console import links
from workers.console.fleet_strip import FINE, MOST_CELLS, exceptions, seen_health, strip_of
from workers.console.pages.object_details import shown_details
from workers.console.rendering import part

CLUSTERS = st.lists(
    st.builds(
        FleetCluster,
        name=st.text("abc-1", min_size=1, max_size=8),
        health=st.sampled_from(Health),
        freshness=st.sampled_from(Freshness),
    ),
    max_size=2 * MOST_CELLS,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=12,
)
GREEN = re.compile(r"badge-good|count-good|heard-dot|sign-good")


@given(CLUSTERS)
def test_every_cluster_that_is_not_healthy_has_a_cell_or_is_counted_and_no_other_has(clusters: list[FleetCluster]):
    strip = strip_of(clusters)
    assert len(strip.cells) + strip.folded == len(exceptions(clusters))
    assert all(cell.health not in FINE for cell in strip.cells)
    assert len(strip.cells) <= MOST_CELLS
    assert len({(cell.x, cell.y) for cell in strip.cells}) == len(strip.cells)
    assert all(cell.x < strip.width and cell.y < strip.height for cell in strip.cells)
    ranks = [cell.health.rank for cell in strip.cells]
    assert ranks == sorted(ranks, reverse=True)


@given(st.sampled_from(Health), st.sampled_from([Freshness.STALE, Freshness.NEVER]))
def test_a_cluster_that_is_not_heard_of_is_unknown_whatever_was_known(health: Health, freshness: Freshness):
    seen = seen_health(FleetCluster(name="a", health=health, freshness=freshness))
    assert seen is Health.UNKNOWN or (freshness is Freshness.NEVER and seen is health and seen not in FINE)


@given(st.dictionaries(st.text(max_size=9), JSON, max_size=6))
def test_whatever_an_object_has_is_shown_once(details: dict):
    shown = shown_details(details)
    told = len(shown.facts) + len(shown.tables) + ("labels" in details)
    hidden = {"workflow", "hard_number", "used_number", "generation", "observed"} & set(details)
    assert told == len(details) - len(hidden)
    for table in shown.tables:
        assert all(len(row) == len(table.columns) for row in table.rows)


@pytest.mark.parametrize(
    "path",
    [
        "/clusters/edge-1",
        "/clusters/edge-1/nodes",
        "/clusters/edge-1/namespaces",
        "/clusters/edge-1/namespaces/shop",
        "/clusters/edge-1/objects/Deployment/shop/mail",
        "/objects?kind=Workload&cluster=edge-1",
        "/clusters/lab",
    ],
)
def test_nothing_is_green_of_a_cluster_that_is_not_heard_of(path: str):
    with reader() as client:
        page = client.get(path).text.partition("<main")[2]
    assert GREEN.findall(page) == []
    assert "not heard of" in page


@pytest.mark.parametrize(
    "path",
    [
        "/objects?kind=Pod&cluster=edge-1",
        "/objects?kind=Pod&health=unknown",
        "/clusters/edge-1/objects/Deployment/shop/mail",
    ],
)
def test_what_was_last_known_of_a_cluster_that_is_not_heard_of_is_told_as_past_and_with_its_age(path: str):
    with reader() as client:
        page = client.get(path).text.partition("<main")[2]
    assert "was Running" in page
    assert "last heard of" in page or "not heard of" in page


@pytest.mark.parametrize("path", ["/clusters/edge-1", "/clusters/edge-1/namespaces/shop"])
def test_of_a_cluster_that_is_not_heard_of_only_what_was_wrong_is_listed_with_its_reason(path: str):
    world = seeded()
    world.warnings = []
    pods = [row for row in world.objects.values() if row.key[:3] == ("edge-1", "Pod", "shop")]
    ill = replace(pods[0], health=Health.DEGRADED, reason="its image is away")
    world.objects[ill.key] = ill
    with reader(world) as client:
        page = client.get(path).text
    assert "Pods that were not healthy" in page
    assert "its image is away" in page
    well = [row.name for row in pods[1:] if row.health is Health.HEALTHY]
    assert well
    assert [name for name in well if f'/Pod/shop/{name}"' in page] == []


def test_a_cluster_that_could_not_be_created_is_shown_as_failed_with_its_reason_and_nothing_to_do():
    world = seeded()
    failed = ClusterLife(name="new-1", provider="kind", status="failed", reason="no room for its nodes", since=NOW - 60)
    world.cluster_lives["new-1"] = failed
    with reader(world) as client:
        pages = [client.get(path).text for path in ("/fleet", "/clusters", "/clusters/new-1")]
        world.cluster_lives["new-1"] = replace(failed, since=NOW - FAILED_KEPT_S - 1)
        assert client.get("/clusters/new-1").status_code == 404
    assert all("no room for its nodes" in page for page in pages[1:])
    assert "new-1" in pages[0]
    assert "It could not be created, and nothing is left of it." in pages[2]
    assert 'name="verb"' not in pages[2]


def test_a_fleet_of_fifty_clusters_and_a_hundred_bad_services_fits_its_budget(monkeypatch: pytest.MonkeyPatch):
    async def overview(_: MemoryFleets) -> Fleet:
        return _large()

    monkeypatch.setattr(MemoryFleets, "overview", overview)
    with reader() as client:
        page = client.get("/fleet").text
    markup = read(page)
    elements = page.count("<") - page.count("</") - page.count("<!")
    assert (len(page.encode()) < 150_000, elements < 3_500) == (True, True), (len(page.encode()), elements)
    assert markup.wrong == []
    assert page.count('class="cell ') == 50
    assert page.count('href="/services/') == 100


def test_what_readers_of_the_same_fleet_share_is_written_once_and_knows_nothing_of_one_of_them(
    monkeypatch: pytest.MonkeyPatch,
):
    found, written = _large(), list[str]()

    async def overview(_: MemoryFleets) -> Fleet:
        return found

    def writing(lang: str, template: str, **values: object) -> Markup:
        written.append(lang)
        return part(lang, template, **values)

    monkeypatch.setattr(MemoryFleets, "overview", overview)
    monkeypatch.setattr("workers.console.pages.fleet.part", writing)
    with reader() as client:
        pages = [client.get("/fleet", headers={"Accept-Language": lang}).text for lang in ("en", "en", "ko", "ko")]
    assert written == ["en", "ko"]
    assert pages[0] != pages[2]
    with pytest.raises(UndefinedError, match="is undefined"):
        part("en", "base.html.j2")


def test_an_open_page_of_the_fleet_is_renewed_by_its_live_part_alone_packed_where_the_browser_unpacks():
    with reader() as client:
        whole = client.get("/fleet").text
        asked = {
            encoding: client.get("/fleet", headers={**RENEWS, "accept-encoding": encoding})
            for encoding in ("gzip", "br")
        }
    packed, plain = asked["gzip"], asked["br"]
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert plain.text == packed.text
    assert plain.text.startswith('<div id="fleet"')
    assert AS_OF.sub("", plain.text) in AS_OF.sub("", whole)


RENEWS = {"hx-request": "true"}
AS_OF = re.compile(r'<p class="as-of">.*?</p>')
REASON = "0 of 12 nodes have room: 8 have too little memory, 3 have taints, 1 is not ready; the rollout waits"
COUNTS = {one.value: 1_000 + at for at, one in enumerate(Health)}


def _bad_clusters() -> list[FleetCluster]:
    return [
        FleetCluster(
            name=f"production-eu-west-{at:02}",
            provider="cluster-api",
            status="degraded",
            waits_for="nodes",
            health=Health.DEGRADED,
            reason=REASON,
            since=NOW - 900,
            freshness=Freshness.LIVE if at % 5 else Freshness.STALE,
            heard_at=NOW - (1 if at % 5 else 600),
            version="v1.33.2",
            nodes=COUNTS,
            workloads=COUNTS,
            pods=COUNTS,
        )
        for at in range(50)
    ]


def _large() -> Fleet:
    clusters = _bad_clusters()
    services = [
        FleetService(
            name=f"service-of-some-team-{at:03}",
            health=Health.DEGRADED,
            reason=REASON,
            where=f"production-eu-west-{at % 50:02}/team-{at}/service-of-some-team-{at:03}",
            since=NOW - 900,
            clusters=50,
            placements=50,
            bad=7,
            versions=tuple(VersionCount(version=f"1.{at}.{patch}", placements=10) for patch in range(5)),
        )
        for at in range(100)
    ]
    warnings = [
        EventRow(cluster="production-eu-west-01", uid=str(at), namespace="team-1", kind="Pod", name=f"service-{at}",
                 reason="FailedScheduling", message=REASON, count=12, first_at=NOW - 900, last_at=NOW - 9)
        for at in range(20)
    ]  # fmt: skip
    environments = [
        EnvironmentVersions(environment=name, cluster=one.name, services=2_000, versions=30, bad=3, mixed=4)
        for name in ("production", "staging", "test", "trial")
        for one in clusters
    ]
    return Fleet(
        totals=dict.fromkeys(("clusters", "nodes", "workloads", "pods", "services"), COUNTS),
        clusters=tuple(clusters),
        worst=tuple(services),
        environments=tuple(environments),
        warnings=tuple(warnings),
        as_of=NOW,
    )


def test_everything_that_a_search_finds_has_a_page():
    with reader() as client:
        page = (
            client.get("/search?q=eu-1").text + client.get("/search?q=web-shop").text + client.get("/search?q=ann").text
        )
        found = set(re.findall(r'<li><a href="([^"]+)"', page.partition("<main")[2].replace("&amp;", "&")))
        answers = {path: client.get(path).status_code for path in found}
    assert len(found) > 30
    assert {path for path, status in answers.items() if status != 200} == set()


@pytest.mark.parametrize(
    ("found", "path"),
    [
        (Found(kind="cluster", name="eu-1", id="eu-1"), "/clusters/eu-1"),
        (
            Found(kind="namespace", name="shop", where="eu-1", id="eu-1//Namespace/shop"),
            "/clusters/eu-1/namespaces/shop",
        ),
        (Found(kind="node", name="n", id="eu-1//Node/n"), "/clusters/eu-1/objects/Node/-/n"),
        (Found(kind="pod", name="p", id="eu-1/shop/Pod/p"), "/clusters/eu-1/objects/Pod/shop/p"),
        (Found(kind="release", name="x", id="release/web/production/3"), "/releases/web/production/3"),
        (Found(kind="service", name='"><b>', id="x"), "/services/%22%3E%3Cb%3E"),
        (Found(kind="person", name="ann", id="ann"), "/people"),
    ],
)
def test_what_is_found_leads_to_its_page(found: Found, path: str):
    assert links.found(found) == path


def test_a_pod_that_waits_says_why_on_the_page_of_its_namespace():
    with reader() as client:
        page = client.get(NAMESPACE).text
    assert "no node has 4 free cores: 3 of 4 have too little, 1 is not ready" in page
    assert "no StorageClass is named fast" in page


def test_a_page_of_a_cluster_tells_each_refusal_to_repair_with_its_rule():
    with reader() as client:
        page = client.get("/clusters/eu-1").text
    assert "at most 25% of the nodes may be not ready" in page
    assert "restarted the kubelet of eu-1-node-2" in page


def test_a_certificate_that_ends_within_thirty_days_is_warned_of():
    with reader() as client:
        page = client.get("/clusters/eu-1").text.partition("<h2>Certificates</h2>")[2].partition("</section>")[0]
    signs = re.findall(r'sign-(\w+)".*?class="strong">([^<]+)', page)
    assert signs == [("wait", "kubeconfig"), ("good", "API server")]


def test_who_may_not_read_clusters_is_told_of_none():
    with reader(refused=frozenset({Action.CLUSTERS_READ})) as client:
        texts = [
            client.get(path).text for path in ("/", "/fleet", "/clusters", "/objects", "/events", "/search?q=eu-1")
        ]
        status = client.get("/clusters/eu-1").status_code
    assert [text for text in texts if "eu-1-node" in text or "/clusters/eu-1" in text] == []
    assert status in (403, 404)


@pytest.mark.parametrize(("rows", "shown"), [("100", 100), ("9999", 133), ("-1", 50), ("٣", 50), ("0", 50)])
def test_a_list_is_renewed_at_its_length_within_bounds(rows: str, shown: int):
    with reader() as client:
        page = client.get(f"/objects?kind=Pod&rows={rows}").text
    assert page.count('class="row-link name"') == shown


def test_a_healthy_cluster_is_no_exception():
    fine = FleetCluster(name="a", health=Health.HEALTHY, freshness=Freshness.LIVE)
    assert exceptions([fine, replace(fine, name="b", health=Health.SUSPENDED)]) == ()
