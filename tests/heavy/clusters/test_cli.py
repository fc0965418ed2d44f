"""The commands about clusters and volumes, one after the other, as a person types them."""

import json
from pathlib import Path

import pytest

from tests.support.built_programs import built
from tests.support.command_line import spawn as call

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(180)]
TEMPLATE = """apiVersion: sluiceway/v1
kind: Cluster
name: typed
cluster:
  provider: kwok
  network: {isolated: true}
  pools: [{name: web, count: 2, max-count: 4}]
  quotas: [{namespace: team, cpu: 2, allow-to: ["192.0.2.0/24:443"]}]
"""


@pytest.fixture
def typed(home, tmp_path):
    """A cluster that was made by a command, and is gone by one."""
    built()
    (tmp_path / "typed.yaml").write_text(TEMPLATE)
    code, out, err = call("up")
    assert code == 0, err
    code, out, err = call("cluster", "create", str(tmp_path / "typed.yaml"))
    assert code == 0, out + err
    yield home
    code, out, err = call("cluster", "delete", "typed")
    assert (code, "deleted" in out) == (0, True), out + err


def said(*arguments):
    code, out, err = call(*arguments)
    assert code == 0, f"{arguments}: {out}{err}"
    return out


def test_a_cluster_is_planned_guarded_shown_reported_and_its_volumes_looked_after(typed, tmp_path):
    plan = said("cluster", "plan", str(tmp_path / "typed.yaml"))
    assert "out to pods of its own namespace, 192.0.2.0/24:443" in plan
    assert "create" not in plan.splitlines()[-1]

    assert "automatic repair of typed is on" in said("cluster", "guard", "typed", "--autoscale", "--idle", "3600")
    assert "typed" in said("cluster", "show", "typed")
    page = Path(said("cluster", "report", "typed").split("  (")[0])
    assert "typed-web-1" in page.read_text()
    assert "default-deny" in (page.parent / "team.html").read_text().partition("<svg")[2]

    made = said("volume", "create", "typed", "data", "-n", "team", "--host-path", "/srv/data", "--size-gb", "2")
    assert "team/data: bound, 2 GiB" in made
    assert "no pod uses it" in said("volume", "orphans", "typed")
    listed = json.loads(said("volume", "list", "typed", "--json"))
    assert listed["team/data"]["phase"] == "bound"
    code, _, err = call("volume", "expand", "typed", "data", "1", "-n", "team")
    assert (code, "volumes cannot shrink" in err) == (1, True)
    assert "is kept as Released" in said("volume", "delete", "typed", "data", "-n", "team")
    assert "its claim team/data is gone" in said("volume", "orphans", "typed")

    code, out, err = call("pod", "run", "typed", "hidden", "--image", "x", "--secret", "TOKEN=no-such-secret")
    assert (code, "secret no-such-secret is not for what is started by hand" in out + err) == (1, True)

    code, _, err = call("volume", "list", "atlantis")
    assert (code, "SLW952" in err) == (1, True)
    assert "automatic repair of typed is off" in said("cluster", "guard", "typed", "--off")
