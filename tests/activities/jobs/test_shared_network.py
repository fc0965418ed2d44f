"""Where the rules of a network of its own cannot be set, a job has the machine's, and its log says so and why."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest

from activities.jobs import container_networks
from activities.jobs.isolation import firewall
from activities.jobs.isolation.isolation import Isolation
from domain.jobs.isolation import Level, Network, Reach
from tests.activities.jobs.test_attack_isolation import jail_of

WHY = "the worker is not root"


@pytest.fixture(autouse=True)
def without_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firewall, "translates", lambda: WHY)
    monkeypatch.setattr(firewall, "why_not", lambda: WHY)


async def test_a_process_job_says_that_it_reaches_what_listens_on_the_machine(tmp_path: Path):
    jail = jail_of(tmp_path, Level.SANDBOX)
    await jail.run("true")

    told = (jail.folder() / "log.jsonl").read_text()
    assert f"network open, and it reaches what listens on this machine ({WHY})" in told


def test_a_level_without_namespaces_is_a_reason_too(tmp_path: Path):
    weak = Isolation(tmp_path, most=Level.PROCESS)

    assert "it reaches what listens on this machine (isolation process)" in weak.told()
    assert weak.jail(tmp_path, "/bin")["network"] == "open"


@pytest.mark.parametrize("network", [Network.PROXY, Network.NONE, Network.MACHINE])
def test_the_other_networks_need_no_rules(tmp_path: Path, network: Network):
    assert f"network {network}" in Isolation(tmp_path, reach=Reach(network)).told()


def test_a_container_says_so_as_well():
    client = docker.DockerClient("tcp://127.0.0.1:1", version="1.41")  # it is not asked
    try:
        open_ = container_networks.alone(client, isolated=False, apart=True)
        assert (open_.name, WHY in open_.told) == ("bridge", True)
        assert container_networks.alone(client, isolated=True, apart=True).name == "none"
        assert container_networks.alone(client, isolated=False, apart=False).name == "bridge"
    finally:
        client.close()


def test_rules_are_not_tried_without_root_or_their_program(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.geteuid", lambda: 1_000)
    assert firewall._refusal() == WHY
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert firewall._refusal() == "there is no iptables"


def test_a_resolver_of_this_machine_alone_is_no_resolver_of_a_job(monkeypatch: pytest.MonkeyPatch):
    files = {"/etc/resolv.conf": "nameserver 127.0.0.53\n", "/run/systemd/resolve/resolv.conf": ""}
    monkeypatch.setattr(firewall, "_read", files.__getitem__)
    assert firewall.resolvers() is None
    files["/run/systemd/resolve/resolv.conf"] = "# upstream\nnameserver 192.0.2.53\n"
    assert firewall.resolvers() == Path("/run/systemd/resolve/resolv.conf")
    files["/etc/resolv.conf"] = "nameserver 192.0.2.54\n"
    assert firewall.resolvers() == firewall.RESOLVERS
