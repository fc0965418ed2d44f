"""What is applied in a cluster that dials out reads what is watched, runs as nobody, and may nothing else."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from domain.inventory.dial_out_manifest import Wanted, objects, rules
from domain.inventory.dial_out_network import endpoint_of
from domain.inventory.dialled import May
from domain.inventory.rows import READERS

WANTED = Wanted(cluster="far", server="https://ci.example.org", token="slw_secret", image="registry.example/slw:1")
MADE: dict[Any, Any] = {one["kind"]: one for one in objects(WANTED)}
RULES: Any = rules()


def test_it_may_read_what_is_watched_and_change_nothing():
    may = {(group, name) for rule in RULES for group in rule["apiGroups"] for name in rule["resources"]}

    paths = {reader.path.removeprefix("/apis/").removeprefix("/api/") for reader in READERS.values()}
    assert {f"{group}/{name}".removeprefix("/") for group, name in may} == {
        "events",
        *("/".join([*path.split("/")[:-2], path.split("/")[-1]]) for path in paths),
    }
    assert {verb for rule in RULES for verb in rule["verbs"]} == {"get", "list", "watch"}
    assert not {"secrets", "configmaps", "*"} & {name for _, name in may}


def test_its_process_has_no_power_of_its_node():
    pod = MADE["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    assert not any("hostPath" in volume for volume in pod["volumes"])
    assert MADE["Namespace"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_token_is_in_the_secret_alone():
    assert base64.b64decode(MADE["Secret"]["data"]["token"]) == b"slw_secret"
    others = [one for kind, one in MADE.items() if kind != "Secret"]
    assert "slw_secret" not in str(others)
    assert base64.b64encode(b"slw_secret").decode() not in str(others)


def test_everything_that_has_a_namespace_is_in_one():
    made: Any = objects(Wanted(**{**vars(WANTED), "namespace": "engine"}))
    named = {one["metadata"].get("namespace") for one in made if not one["kind"].startswith(("Cluster", "Namespace"))}
    assert named == {"engine"}
    (subject,) = next(one for one in made if one["kind"] == "ClusterRoleBinding")["subjects"]
    assert subject["namespace"] == "engine"


def test_a_namespace_of_others_is_left_as_it_is():
    made = objects(Wanted(**{**vars(WANTED), "namespace": "engine"}))
    assert [one["kind"] for one in made if one["kind"] == "Namespace"] == []


def policy(**given: Any) -> Any:
    return next(one for one in objects(replace(WANTED, **given)) if one["kind"] == "NetworkPolicy")["spec"]


def test_it_reaches_names_the_server_and_the_api_server_and_nobody_reaches_it():
    found = policy(server="https://192.0.2.7:8443", apis=(endpoint_of("198.51.100.4:6443"),))
    names, server, api = found["egress"]

    assert (found["policyTypes"], found["ingress"]) == (["Ingress", "Egress"], [])
    assert {one["port"] for one in names["ports"]} == {53}
    assert server == {"to": [{"ipBlock": {"cidr": "192.0.2.7/32"}}], "ports": [{"protocol": "TCP", "port": 8443}]}
    assert api["to"] == [{"ipBlock": {"cidr": "198.51.100.4/32"}}]


def test_what_has_a_name_and_what_nobody_told_is_reached_by_its_port():
    _, *others = policy()["egress"]
    assert [rule["ports"][0]["port"] for rule in others] == [443, 443, 6443]
    assert not any("to" in rule for rule in others)


@pytest.mark.parametrize(
    ("text", "network", "port"),
    [
        ("[2001:db8::1]:6443", "2001:db8::1/128", 6443),
        ("https://ci.example.org", "", 443),
        ("10.0.0.1:7", "10.0.0.1/32", 7),
    ],
)
def test_an_endpoint_is_an_address_with_its_port(text: str, network: str, port: int):
    assert endpoint_of(text) == (network, port)


@pytest.mark.parametrize("text", ["", "10.0.0.1", ":6443", "a:b"])
def test_what_is_no_endpoint_is_refused(text: str):
    with pytest.raises(ValueError, match=r"ADDRESS:PORT|[Pp]ort"):
        endpoint_of(text)


def test_an_authority_of_its_own_is_beside_the_token_and_trusted():
    made: Any = {one["kind"]: one for one in objects(replace(WANTED, authority="PEM", priority_class="high"))}
    pod = made["Deployment"]["spec"]["template"]["spec"]
    env = {one["name"]: one["value"] for one in pod["containers"][0]["env"]}

    assert env["SSL_CERT_FILE"] == "/var/run/sluiceway/ca.crt"
    assert base64.b64decode(made["Secret"]["data"]["ca.crt"]) == b"PEM"
    assert pod["priorityClassName"] == "high"
    assert not any(word in str(MADE) for word in ("SSL_CERT_FILE", "priorityClassName"))


def test_the_kubelet_asks_the_port_that_it_answers():
    (container,) = MADE["Deployment"]["spec"]["template"]["spec"]["containers"]
    port = str(container["ports"][0]["containerPort"])
    assert container["command"][container["command"].index("--health-port") + 1] == port
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["port"] == container["ports"][0]["name"]


def test_a_server_whose_name_the_cluster_does_not_know_has_an_address_of_its_own():
    found = {"server": "https://ci.example.org:8443", "address": "192.0.2.7"}
    made: Any = {one["kind"]: one for one in objects(replace(WANTED, server=found["server"], address=found["address"]))}
    aliases = made["Deployment"]["spec"]["template"]["spec"]["hostAliases"]

    assert aliases == [{"ip": "192.0.2.7", "hostnames": ["ci.example.org"]}]
    assert policy(**found)["egress"][1] == {
        "to": [{"ipBlock": {"cidr": "192.0.2.7/32"}}],
        "ports": [{"protocol": "TCP", "port": 8443}],
    }


@pytest.mark.parametrize("may", May)
def test_whatever_it_may_it_reads_no_secret_and_opens_no_connection(may: May):
    made: Any = rules(may, impersonate=True)
    named = {name for rule in made for name in rule["resources"]}
    assert not {"secrets", "pods/exec", "pods/attach", "pods/portforward", "nodes/proxy", "*"} & named
    assert "*" not in {verb for rule in made for verb in rule["verbs"]}


def test_it_acts_by_permits_of_one_key_and_where_its_owner_says_so():
    made: Any = {one["kind"]: one for one in objects(replace(WANTED, may=May.ACT, key="a2V5", impersonate=True))}
    (container,) = made["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["command"][-5:] == ["--may", "act", "--permits-key", "a2V5", "--impersonate"]
    (plain,) = MADE["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert "--may" not in plain["command"]
