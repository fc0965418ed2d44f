"""States of traffic, as changes make them."""

from hypothesis import strategies as st

from domain.releases.kubernetes.http_route import BACKEND_HEADERS, MIRROR, MIRROR_PERCENT, RESPONSE_HEADERS, Edge
from domain.releases.kubernetes.traffic import PARTS, Traffic
from domain.releases.spec import Routing

INSTANCES = st.sampled_from(["r1", "r2", "r3", "r4"])
ROUTINGS = st.builds(
    Routing,
    header=st.sampled_from(["", "x-canary: yes"]),
    cookie=st.sampled_from(["", "canary=yes.no"]),
    mirror_percent=st.sampled_from([0.0, 12.5, 100.0]),
    sticky=st.booleans(),
)
PERCENTS = st.floats(0, 100)
CHANGES = st.one_of(
    st.tuples(st.just("all_to"), INSTANCES),
    st.tuples(st.just("split"), st.just("r1"), st.just("r2"), PERCENTS, ROUTINGS),
    st.tuples(st.just("previewed"), INSTANCES, ROUTINGS),
    st.tuples(st.just("without"), INSTANCES),
)


def changed(traffic: Traffic, change: tuple) -> Traffic:
    """As a router changes it: who has all the traffic is never taken out."""
    name, *rest = change
    if name == "without" and traffic.weights.get(rest[0]) == PARTS:
        return traffic
    return getattr(traffic, name)(*rest).next_after(traffic)


@st.composite
def traffics(draw) -> Traffic:
    traffic = Traffic()
    for change in draw(st.lists(CHANGES, max_size=8)):
        traffic = changed(traffic, change)
    return traffic


EDGE = Edge(
    service="shop",
    namespace="prod",
    gateway="infra/public",
    host="shop.example",
    features=frozenset({MIRROR, MIRROR_PERCENT, RESPONSE_HEADERS, BACKEND_HEADERS}),
)
