"""What a field's manager calls itself hides nothing: what decides what runs is compared by its value."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.releases.kubernetes import drift, naming

WANTED: Any = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web-r1"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "spec": {
                "containers": [
                    {
                        "name": "web",
                        "image": "web@sha256:1",
                        "args": ["serve", "--port=80"],
                        "resources": {"limits": {"cpu": "1000m", "memory": 1048576}},
                        "securityContext": {"privileged": False},
                        "env": [{"name": "MODE", "value": "safe"}],
                    }
                ]
            }
        },
    },
}


def live(*managers: str) -> Any:
    """As a server has it: with what it adds, in its own words, and what was set by these managers."""
    found = copy.deepcopy(WANTED)
    container = found["spec"]["template"]["spec"]["containers"][0]
    container["resources"]["limits"] = {"cpu": "1", "memory": "1Mi"}
    container["imagePullPolicy"] = "Always"
    del container["securityContext"]["privileged"]
    found["spec"]["template"]["spec"]["containers"].insert(0, {"name": "sidecar", "image": "mesh:1"})
    fields: Any = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"web"}': {"f:image": {}}}}}}}
    found["metadata"]["managedFields"] = [
        {"manager": one, "operation": "Apply", "time": "t", "fieldsV1": fields} for one in managers
    ]
    return found


def test_what_the_server_adds_leaves_out_and_writes_otherwise_is_none():
    assert drift.lines(WANTED, live(naming.WORKLOADS)) == []
    more = live(naming.WORKLOADS)
    more["spec"]["replicas"] = 7
    assert drift.lines(WANTED, more) == []


@pytest.mark.parametrize("manager", [naming.WORKLOADS, naming.NUMBERS])
@pytest.mark.parametrize(("key", "value"), [("image", "evil:1"), ("args", ["evil", "--port=80"]), ("args", ["serve"])])
def test_who_calls_itself_as_the_release_does_is_found_by_what_it_has_set(manager, key, value):
    found = live(manager)
    found["spec"]["template"]["spec"]["containers"][1][key] = value
    (line,) = drift.lines(WANTED, found)
    assert line.endswith("is not as released, by whoever")
    assert f'.spec.template.spec.containers[name="web"].{key}' in line


def test_a_variable_that_somebody_took_out_is_told():
    found = live(naming.WORKLOADS)
    found["spec"]["template"]["spec"]["containers"][1]["env"] = [{"name": "OTHER"}]
    (line,) = drift.lines(WANTED, found)
    assert '.containers[name="web"].env[name="MODE"] is not as released' in line


def test_a_change_whose_manager_is_known_is_told_once():
    found = live("kubectl-edit")
    found["spec"]["template"]["spec"]["containers"][1]["image"] = "evil:1"
    (line,) = drift.lines(WANTED, found)
    assert "kubectl-edit has set" in line


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
)


@given(_JSON, _JSON)
def test_any_object_is_compared_and_is_as_itself(one, other):
    wanted: Any = {"kind": "X", "metadata": {"name": "x"}, "spec": {"template": {"spec": one}}}
    found: Any = {"kind": "X", "metadata": {"name": "x"}, "spec": {"template": {"spec": other}}}
    assert drift.changed(wanted, wanted) == []
    assert len(drift.changed(wanted, found)) <= drift.MOST
