"""Pages of pods: what is wrong stands beside its field, what is started is what was shown, and nothing secret is shown."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import pytest
from litestar.testing import TestClient

from domain.access.actions import Action
from tests.support.memory_client.pods import REFUSED, TAKEN
from tests.workers.console.site import reader
from workers.console.pages import pod_forms

FORM = {
    "mode": "basic",
    "cluster": "eu-1",
    "namespace": "shop",
    "name": "hello",
    "image": "registry.example/hello:1",
    "command": "sh -c 'echo hi'",
    "env": "GREETING=hi = there\n",
    "secrets": "TOKEN=cloud-token",
    "ports": "80, 8080",
    "cpu": "0.1",
    "memory": "64",
    "timeout": "60",
}
WORKLOAD, POD = (
    "/clusters/eu-1/objects/Deployment/shop/web-shop",
    "/clusters/eu-1/objects/Pod/shop/web-shop-canary-aaaaa",
)


def sent(client: TestClient, path: str, data: dict[str, str], status: int) -> str:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://sluiceway.localhost"}
    answer = client.post(path, content=urlencode(data), headers=headers)
    assert answer.status_code == status, answer.text[-2_000:]
    return answer.headers.get("location", "") or answer.text


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


def test_the_form_asks_for_what_was_typed():
    form = pod_forms.sent({**FORM, "file-path-1": "a.txt", "file-text-1": "x\r\ny"})
    asked = pod_forms.request_of(form)

    assert form.errors == {}
    assert (asked.form.command, asked.form.ports) == (("sh", "-c", "echo hi"), (80, 8080))
    assert (asked.form.env, asked.form.secrets) == ({"GREETING": "hi = there"}, {"TOKEN": "cloud-token"})
    assert asked.form.files == {"a.txt": "x\ny"}
    assert pod_forms.unpacked(pod_forms.packed(asked)) == asked


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cpu", "much"),
        ("memory", "nan"),
        ("env", "GREETING"),
        ("ports", "80,x"),
        ("command", "sh 'x"),
        ("name", "No_name"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_with_all_that_was_typed(name: str, value: str):
    with reader() as client:
        page = sent(client, "/pods/new", {**FORM, name: value}, 422)

    assert f'id="error-{name}"' in page
    assert 'value="registry.example/hello:1"' in page


def test_what_is_started_is_what_was_shown():
    with reader() as client:
        plan = sent(client, "/pods/new", FORM, 200)
        data = {"request": hidden(plan, "request"), "digest": hidden(plan, "digest")}
        changed = sent(client, "/pods", {**data, "digest": "0" * 64}, 412)
        place = sent(client, "/pods", data, 303)
        assert client.get(place).status_code == 200

    assert place == "/pods/eu-1/shop/hello/1"
    assert hidden(changed, "digest") == data["digest"]
    assert "cloud-token" in plan


def test_a_pod_that_is_there_is_compared_without_its_values_and_is_not_replaced():
    with reader() as client:
        page = sent(client, "/pods/new", {**FORM, "name": TAKEN}, 200)

    assert "hunter2" not in page
    assert hidden(page, "digest") == ""
    assert "Start the pod</button>" not in page


def test_a_manifest_is_checked_in_its_lines():
    text = f"kind: Pod\nspec:\n  containers:\n    - name: a\n      image: {REFUSED}\n"
    with reader() as client:
        page = sent(client, "/pods/new", {**FORM, "mode": "expert", "manifest": text}, 200)

    assert 'data-line="5"' in page
    assert "SLW311" in page


@pytest.mark.parametrize("path", [WORKLOAD, POD])
def test_an_object_is_restarted_with_a_reason(path: str):
    with reader() as client:
        assert f'action="{path}/restart"' in client.get(path).text
        place = sent(client, f"{path}/restart", {"reason": "it hangs"}, 303)
        assert client.get(place).status_code == 200


def test_a_pod_is_deleted_and_a_workload_is_not():
    with reader() as client:
        assert sent(client, f"{POD}/delete", {"reason": "r"}, 303)
        assert client.get(POD).status_code == 404
        sent(client, f"{WORKLOAD}/delete", {"reason": "r"}, 409)
        sent(client, f"{WORKLOAD}/explode", {"reason": "r"}, 422)


def test_who_may_only_read_finds_no_button_and_why():
    closed = frozenset({Action.CLUSTERS_CHANGE, Action.CLUSTERS_EXEC, Action.LOGS_READ})
    with reader(refused=closed) as client:
        for path in (POD, WORKLOAD, "/pods/eu-1/shop/hello/1"):
            page = client.get(path).text
            assert not re.search(r'action="[^"]*/(restart|delete|end)"', page), path
            assert "default/deny" in page
        for path in (f"{POD}/restart", f"{POD}/delete", "/pods/eu-1/shop/hello/1/end"):
            sent(client, path, {"reason": "r"}, 403)
        sent(client, "/pods/new", FORM, 403)
        assert client.get("/clusters/eu-1/namespaces/shop/pods/web-shop-canary-aaaaa/logs").status_code == 403


def test_a_terminal_in_production_needs_a_second_factor():
    from domain.access.actions import DANGEROUS

    assert Action.CLUSTERS_EXEC in DANGEROUS
    with reader() as client:
        assert "/exec/new?cluster=eu-1&amp;namespace=shop&amp;pod=web-shop-canary-aaaaa" in client.get(POD).text


@pytest.mark.parametrize("field", ["env", "secrets", "image", "name", "namespace", "ports", "cpu"])
def test_what_is_wrong_with_a_field_is_no_markup_whatever_was_typed(field: str):
    """Somebody else may have filled the form, by a link."""
    evil = {field: '</textarea><svg onload=alert(1)> %(x)s="1"'}
    with reader() as client:
        assert "<svg onload" not in sent(client, "/pods/new", {**FORM, **evil}, 422)
