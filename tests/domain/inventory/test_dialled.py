"""The worker in a cluster answers what its owner lets it, in bounded parts, and no call changes anything."""

from __future__ import annotations

import base64
import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.errors import RefusedError, SluicewayError
from domain.inventory.dialled import (
    APPLY,
    LONGEST_WATCH_S,
    MOST_LOG,
    MOST_WIRE,
    REVIEW,
    Answered,
    Asked,
    Call,
    May,
    Trouble,
    bounded,
    may_of,
    packed,
    refusal,
    told_error,
    unpacked,
)

POD = "/api/v1/namespaces/shop/pods/web"
DRY = Call(method="PATCH", path=POD, query=(("dryRun", "All"),), content_type=APPLY)
SEEN = (
    Call(method="GET", path=POD),
    Call(method="GET", path=f"{POD}/log", query=(("container", "main"),)),
    Call(method="GET", path="/apis/apps/v1/namespaces/shop/deployments"),
    Call(method="GET", path="/api/v1/namespaces/secrets-of-others/pods"),
    Call(method="GET", path="/version"),
    Call(method="GET", path="/api/v1/pods", query=(("watch", "True"), ("timeoutSeconds", "5"))),
    Call(method="POST", path=REVIEW, body="{}"),
)
REFUSED = (
    *(Call(method=method, path=POD) for method in ("DELETE", "PUT", "POST", "PATCH", "CONNECT")),
    Call(method="GET", path="/api/v1/namespaces/shop/secrets"),
    Call(method="GET", path="/api/v1/namespaces/shop/secrets/key"),
    Call(method="GET", path="/api/v1/namespaces/shop/pods/../secrets/key"),
    Call(method="GET", path="/api/v1/namespaces/shop/pods/%2e%2e/secrets"),
    *(Call(method="GET", path=f"{POD}/{sub}") for sub in ("exec", "attach", "portforward", "proxy", "eviction")),
    Call(method="GET", path="/logs/kube-apiserver.log"),
    Call(method="GET", path=f"{POD}/log", query=(("follow", "true"),)),
    Call(method="GET", path="/api/v1/pods", query=(("watch", "1"),)),
    Call(method="PATCH", path=POD, query=(("dryRun", "All"),), content_type="application/merge-patch+json"),
    Call(method="PATCH", path="/api/v1/namespaces/shop/secrets/key", query=(("dryRun", "All"),), content_type=APPLY),
    Call(method="POST", path="/apis/authorization.k8s.io/v1/subjectaccessreviews"),
)


PARTS = ("api", "apis", "v1", "namespaces", "shop", "pods", "secrets", "web", "log", "status", "..", "", "%2e", "exec")


@pytest.mark.parametrize("call", SEEN, ids=lambda call: f"{call.method} {call.path}")
def test_what_only_looks_is_answered_where_its_owner_lets_it(call: Call) -> None:
    assert refusal(call, May.READ) == refusal(call, May.ACT) == ""
    assert refusal(call, May.WATCH)


@pytest.mark.parametrize("call", REFUSED, ids=lambda call: f"{call.method} {call.path}")
def test_what_changes_hides_or_has_no_end_is_asked_of_no_api_server(call: Call) -> None:
    assert refusal(call, May.ACT)


def test_a_pod_is_tried_where_it_could_be_made() -> None:
    assert refusal(DRY, May.ACT) == ""
    assert refusal(DRY, May.READ)


@given(
    st.sampled_from(("DELETE", "PUT", "POST", "PATCH")),
    st.lists(st.sampled_from(PARTS), max_size=7),
    st.sampled_from(May),
)
def test_no_path_makes_a_change_without_a_permit(method: str, parts: list[str], may: May) -> None:
    path = f"/{'/'.join(parts)}"
    assert refusal(Call(method=method, path=path), may) or (method, path) == ("POST", REVIEW)


@given(st.dictionaries(st.sampled_from(("limitBytes", "tailLines", "timeoutSeconds", "watch")), st.text(max_size=12)))
def test_whatever_is_asked_for_is_asked_for_in_parts(query: dict[str, str]) -> None:
    log = dict(bounded(Call(method="GET", path=f"{POD}/log", query=tuple(query.items()))).query)
    watch = dict(bounded(Call(method="GET", path="/api/v1/pods", query=(*query.items(), ("watch", "true")))).query)
    assert int(log["limitBytes"]) <= MOST_LOG
    assert int(watch["timeoutSeconds"]) <= LONGEST_WATCH_S


def test_what_is_packed_is_read_again() -> None:
    asked, answered = Asked(call=SEEN[0]), Answered(status=200, body="\N{SNOWMAN}" * 100_000)
    assert unpacked(Asked, packed(asked)) == asked
    assert unpacked(Answered, packed(answered)) == answered


@pytest.mark.parametrize(
    "text",
    ["", "no base64!", base64.b64encode(b"no zlib").decode(), base64.b64encode(zlib.compress(b"[1]")).decode()],
)
def test_what_is_no_message_is_an_error_of_ours(text: str) -> None:
    with pytest.raises(SluicewayError) as odd:
        unpacked(Answered, text)
    assert odd.value.code == "SLW983"


def test_a_small_message_that_holds_gigabytes_is_read_by_nobody() -> None:
    bomb = base64.b64encode(zlib.compress(b" " * 33_000_000)).decode()
    assert len(bomb) < MOST_WIRE
    with pytest.raises(SluicewayError) as odd:
        unpacked(Answered, bomb)
    assert odd.value.code == "SLW983"


def test_what_is_too_large_is_not_sent() -> None:
    with pytest.raises(RefusedError) as large:
        packed(Answered(body=hashlib.shake_256(b"dense").hexdigest(700_000)))
    assert large.value.code == "SLW983"


def test_a_worker_tells_no_error_of_somebody_elses() -> None:
    odd = told_error(Trouble(code="SLW410", what="x" * 9_000, why="y" * 9_000, status=10**9), "far")
    assert (odd.code, odd.status, len(odd.what), len(odd.why)) == ("SLW943", 0, 300, 600)


def test_a_word_that_nobody_knows_lets_it_do_the_least() -> None:
    assert [may_of(word) for word in ("act", "read", "watch", "", "everything")] == [
        *(May.ACT, May.READ, May.WATCH),
        *(May.WATCH, May.WATCH),
    ]
