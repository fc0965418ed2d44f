"""What passes to the Temporal UI: reads, and signed decisions that are built again."""

from __future__ import annotations

import base64
import json
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.temporal_calls import MOST_BODY, understood

BASE = "/temporal/api/v1/namespaces/default/workflows"
APPROVAL = "approval%2Fweb-shop%2F7%2Frelease"
SIGNED = {"approver": "ann", "approve": True, "signature": "c2lnbmF0dXJl", "comment": "가자"}
IDS = ("request-1", "person:ann")
methods = st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "get", ""])
paths = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from(["..", "%2e%2e", ".", "", "api", "v1", "%2F", "%5c", "workflows", "x", "%00"]), max_size=9
    ).map(lambda parts: "/temporal/" + "/".join(parts)),
)


def signal(arguments: object) -> bytes:
    return json.dumps({"input": {"payloads": arguments}}).encode()


def payload(value: object) -> dict[str, object]:
    data = base64.b64encode(json.dumps(value).encode()).decode()
    return {"metadata": {"encoding": base64.b64encode(b"json/plain").decode()}, "data": data}


def update(arguments: object) -> bytes:
    return json.dumps({"request": {"input": {"name": "decide", "args": {"payloads": arguments}}}}).encode()


def decision_in(body: bytes | None) -> object:
    assert body is not None
    found = json.loads(body)
    arguments = found.get("input") or found["request"]["input"]["args"]
    (one,) = arguments["payloads"]
    return json.loads(base64.b64decode(one["data"]))


@given(method=methods, path=paths, body=st.binary(max_size=200))
def test_whatever_is_sent_only_reads_and_queries_pass_without_a_signature(method: str, path: str, body: bytes) -> None:
    call = understood(method, path, body, IDS)
    assert not call.decides
    if call.path:
        assert method in ("GET", "HEAD", "OPTIONS") or "/query/" in call.path
        assert not {"..", "."} & set(map(unquote, call.path.split("/")))
        assert call.path.startswith("/temporal")
    else:
        assert call.why_not


@pytest.mark.parametrize(
    ("kind", "name", "body"),
    [
        ("signal", "approve", signal([payload(SIGNED)])),
        ("signal", "reject", signal([SIGNED])),
        ("update", "decide", update([payload(SIGNED)])),
    ],
)
def test_a_signed_decision_for_an_approval_passes_as_it_was_signed(kind: str, name: str, body: bytes) -> None:
    call = understood("POST", f"{BASE}/{APPROVAL}/{kind}/{name}", body, IDS)
    assert call.path == f"{BASE}/{APPROVAL}/{kind}/{name}"
    assert call.decides == "approval/web-shop/7/release"
    assert decision_in(call.body) == SIGNED


def test_nothing_goes_along_with_a_decision() -> None:
    body = json.dumps({"input": {"payloads": [SIGNED]}, "header": {"x": 1}, "links": [1], "control": "c"}).encode()
    call = understood("POST", f"{BASE}/{APPROVAL}/signal/approve", body, IDS)
    assert call.body is not None
    assert set(json.loads(call.body)) == {"input", "requestId", "identity"}


@pytest.mark.parametrize(
    "path",
    [
        *(f"{BASE}/{APPROVAL}/terminate", f"{BASE}/{APPROVAL}/cancel", f"{BASE}/{APPROVAL}/reset"),
        *(f"{BASE}/{APPROVAL}/signal/pause", f"{BASE}/{APPROVAL}/update/approve", f"{BASE}/{APPROVAL}/signal/decide"),
        *(f"{BASE}/release%2Fweb%2Fproduction%2F7/signal/approve", f"{BASE}/run%2Fweb%2F7/signal/approve"),
        *(
            "/temporal/api/v1/namespaces/default/workflows/x",
            "/temporal/api/v1/namespaces",
            "/temporal/",
            "/api/v1/runs",
        ),
        f"{BASE}/{APPROVAL}/signal/approve/..%2Fterminate",
        f"{BASE}/{APPROVAL}/signal/approve/../../terminate",
    ],
)
def test_every_other_write_is_refused_with_its_reason(path: str) -> None:
    call = understood("POST", path, signal([SIGNED]), IDS)
    assert not call.path
    assert call.why_not


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", signal([]), signal([SIGNED, SIGNED]), signal(["text"]), signal({})),
        *(signal([{**SIGNED, "signature": ""}]), signal([{**SIGNED, "approver": 7}]), signal([{"approver": "ann"}])),
        *(b"[" * 50_000, signal([{**SIGNED, "comment": "x" * MOST_BODY}]), signal([{"metadata": {}, "data": "!"}])),
    ],
)
def test_a_decision_without_a_signature_is_refused(body: bytes) -> None:
    call = understood("POST", f"{BASE}/{APPROVAL}/signal/approve", body, IDS)
    assert (call.path, "not signed" in call.why_not) == ("", True)


@pytest.mark.parametrize("up", ["..", "%2e%2e", "..%2f..%2fapi", "..%252f..%252fapi", "%252e%252e"])
def test_no_path_leads_upwards_however_it_is_escaped(up: str) -> None:
    assert understood("GET", f"/temporal/_app/immutable/{up}/v1/namespaces", b"", IDS).path == ""


def test_a_query_is_a_read_and_takes_nothing_along() -> None:
    call = understood("POST", f"{BASE}/{APPROVAL}/query/__temporal_workflow_metadata", b'{"query": {"x": 1}}', IDS)
    assert json.loads(call.body or b"") == {"query": {"queryType": "__temporal_workflow_metadata"}}
