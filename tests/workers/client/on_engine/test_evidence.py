"""The evidence of a release under way, and of the parts of one that has ended, is what its newest whole tick says."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from domain.core.documents import Node
from workers.client.on_engine.releases.release_rows import ended_clusters, evidence_so_far
from workers.client.ports.releases import EvidenceRow

LEAVES = st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=5)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=5), inner))


def _line(requests: int) -> bytes:
    return json.dumps({"at": 1, "evidence": {"errors": [1.5, 6.9, 1, requests, 0, 9]}}).encode() + b"\n"


@given(st.integers(1, 10**9), st.binary(max_size=30).map(lambda text: b'{"at": ' + text.replace(b"\n", b"")))
def test_a_half_written_tick_is_passed_over(requests: int, half: bytes) -> None:
    (found,) = evidence_so_far(_line(1) + _line(requests) + half)
    assert found == EvidenceRow(
        metric="errors",
        evidence=1.5,
        threshold=6.9,
        canary_events=1,
        canary_requests=requests,
        stable_requests=9,
    )


@given(JSON)
def test_no_text_of_a_file_is_an_error(value: object) -> None:
    assert isinstance(evidence_so_far(json.dumps({"evidence": value}).encode()), tuple)
    assert evidence_so_far(b"") == ()


def test_the_parts_of_an_ended_release_keep_what_they_were_judged_by() -> None:
    states = {"eu-1": {"standing": "back", "release": "release/web/prod@eu-1/2", "reason": "worse"}, "us-1": {}}
    read: list[str] = []

    def ticks(id_: str) -> bytes:
        read.append(id_)
        return _line(800)

    europe, america = ended_clusters(Node({"clusters": states}), ticks)
    assert read == ["release/web/prod@eu-1/2"]
    assert (europe.reason, europe.evidence[0].canary_requests) == ("worse", 800)
    assert america.evidence == ()
