"""What `doctor` says of a machine; it refuses nothing for it."""

import json

import pytest

from domain.core.python_holes import holes_of
from tests.support.command_line import call


@pytest.mark.parametrize(
    ("version", "holes"),
    [
        ((3, 11, 4), 7), ((3, 11, 7), 7), ((3, 11, 8), 6), ((3, 11, 12), 4), ((3, 11, 14), 1), ((3, 11, 17), 0),
        ((3, 12, 0), 7), ((3, 12, 12), 1), ((3, 13, 0), 4), ((3, 13, 6), 2), ((3, 13, 16), 0), ((3, 14, 0), 1),
    ],
)  # fmt: skip
def test_a_python_with_known_holes_is_named(version, holes):
    assert len(list(holes_of(version))) == holes


def test_the_doctor_names_this_python_and_refuses_nothing_for_it(tmp_path, monkeypatch):
    async def none(*_: object) -> list[object]:
        return []

    monkeypatch.setattr("activities.scans.self_check.check", none)
    monkeypatch.setattr("workers.cli.doctor.sys.version_info", type("V", (), {"major": 3, "minor": 11, "micro": 7}))
    code, out, _ = call("doctor", "--json", env={"SLUICEWAY_HOME": str(tmp_path)})
    machine = json.loads(out)["machine"]
    assert code == 0
    assert [one["good"] for one in machine if one["name"] == "Python 3.11.7"] == [False] * 7
    code, out, _ = call("doctor", env={"SLUICEWAY_HOME": str(tmp_path)})
    assert (code, "CVE-2025-4517" in out) == (0, True)


@pytest.mark.parametrize("why", ["", "the worker is not root"])
def test_the_doctor_says_whether_jobs_with_an_open_network_reach_this_machine(tmp_path, monkeypatch, why):
    async def none(*_: object) -> list[object]:
        return []

    monkeypatch.setattr("activities.scans.self_check.check", none)
    for name in ("translates", "why_not"):
        monkeypatch.setattr(f"activities.jobs.isolation.firewall.{name}", lambda: why)
    _, out, _ = call("doctor", "--json", env={"SLUICEWAY_HOME": str(tmp_path)})
    rows = {one["name"]: one for one in json.loads(out)["machine"]}

    for who in ("process jobs", "containers"):
        assert rows[f"network of {who}"]["good"] is not bool(why)
        assert why in rows[f"network of {who}"]["words"]
