"""What runs is held against a newer database: news are told, the image is blocked, its pipeline runs again."""

import json
from functools import partial
from pathlib import Path

import pytest

from activities.evidence.garbage_collector import Collector
from domain.evidence.retention import Retention
from domain.scans.rescan import Then
from pipeline_defs.releases.environment_model import Environment
from tests.support.advisories import ADVISORY, NEWER, learn
from tests.support.lab import Lab, until
from workers.client import releases, runs
from workers.client.rescans import rescan

SERVICE = (
    "import http.server, os\n"
    "http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), http.server.SimpleHTTPRequestHandler).serve_forever()\n"
)
JOBS = """jobs:
  s:
    scan: {tools: [trivy]}
  ship:
    needs: s
    environment: %s
    deploy: {service: %s, version: "1", command: [python3, app.py], readiness: {http: /}, router: none}
"""


@pytest.fixture
async def lab(temporal_address, tmp_path, one_look):
    learn(tmp_path / "home", ADVISORY)
    async with Lab.on(temporal_address, tmp_path) as made:
        yield made
        platform = made.wired.targets.local
        for spec in (made.settings.home / "services").glob("*/*/*/spec.json"):
            (spec.parent / "stop").touch()
            await until(partial(_ended, spec.parent))
        assert platform


def _ended(folder: Path) -> bool:
    return not _runs(folder)


def _runs(folder) -> bool:
    from activities.supervisor import launch

    return bool(launch.running(folder))


async def released(lab: Lab, name: str, **watch: object) -> str:
    document = {"apiVersion": "sluiceway/v1", "kind": "Environment", "name": name, "watch": watch}
    lab.environment(name, Environment.model_validate(document).model_dump_json())
    files = {"app.py": SERVICE, "requirements.txt": "brook==1.0\n"}
    run = await lab.start(JOBS % (name, f"web-{name}"), files, f"p-{name}")
    assert (await lab.result(run)).status == "passed"
    return run


@pytest.mark.system
async def test_what_is_new_in_a_newer_database_is_told_once_and_without_looking_at_what_runs(lab):
    await released(lab, "rescan-a")
    same = await rescan(lab.engine)
    learn(lab.settings.home, ADVISORY, NEWER)
    newer = await rescan(lab.engine)
    again = await rescan(lab.engine)
    (first,), (second,), (third,) = (mine(one, "rescan-a") for one in (same, newer, again))
    notices = [json.loads(line) for line in (lab.settings.home / "notices.jsonl").read_text().splitlines()]

    assert "database has not changed" in first.note
    assert "OSV-2 critical in pkg:pypi/brook" in second.alarm.words()
    assert second.findings == 2
    assert "database has not changed" in third.note
    assert [one["text"] for one in notices if one["kind"] == "vulnerability"] == [second.alarm.words()]


async def test_an_alarm_builds_again_what_it_is_about(lab):
    run = await released(lab, "rescan-b", then=["rebuild"])
    learn(lab.settings.home, ADVISORY, NEWER)
    result = await rescan(lab.engine)
    (did,) = [line for line in result.did if "rescan-b" in line]
    again = did.partition(" ")[0]

    assert again == run.rpartition("/")[0] + "/2"
    assert lab.records.runs.get(again) or await until(lambda: lab.records.runs.get(again))
    await runs.cancel(lab.engine, again, "seen")
    await lab.result(again)


@pytest.mark.system
@pytest.mark.parametrize(
    ("earlier", "said"), [("other==1.0", "rolls"), ("brook==1.0", "the previous version 1 has OSV-2")]
)
async def test_an_alarm_brings_the_version_before_back_unless_that_has_it_too(lab, earlier, said):
    name = f"rescan-{earlier[:5]}"
    await released(lab, name, then=["rollback"])
    for version, needs in (("1", earlier), ("2", "brook==1.0")):
        text = (JOBS % (name, f"web-{name}")).replace('version: "1"', f'version: "{version}"')
        files = {"app.py": SERVICE, "requirements.txt": f"{needs}\n"}
        assert (await lab.result(await lab.start(text, files, f"p-{name}-{version}"))).status == "passed"
    learn(lab.settings.home, ADVISORY, NEWER)
    (did,) = [line for line in (await rescan(lab.engine)).did if name in line]

    assert said in did
    if "brings" in said:
        release = did.partition(" ")[0]
        assert (await lab.engine.client.get_workflow_handle(release).result())["verdict"] == "live"
        state = await releases.environment(lab.engine, name)
        assert state.live[f"web-{name}"][-1].spec.version == "1"


async def test_what_is_known_of_a_live_version_is_never_collected(lab):
    await released(lab, "rescan-c")
    learn(lab.settings.home, ADVISORY, NEWER)
    await rescan(lab.engine)
    Collector(lab.records, lab.wired.store, lab.settings.home / "jobs", Retention(), grace_s=0).run()
    learn(lab.settings.home, ADVISORY, {**NEWER, "id": "OSV-3"})
    (done,) = mine(await rescan(lab.engine), "rescan-c")

    assert "OSV-3" in done.alarm.words()


async def test_a_version_that_was_never_scanned_says_so(lab):
    name = "rescan-d"
    text = JOBS[JOBS.index("  ship:") :].replace("    needs: s\n", "") % (name, f"web-{name}")
    await lab.result(await lab.start("jobs:\n" + text, {"app.py": SERVICE}))
    (done,) = mine(await rescan(lab.engine), name)

    assert "no scan of it made an SBOM" in done.note


@pytest.mark.system
async def test_files_that_are_not_as_they_were_shipped_are_told_once(lab):
    await released(lab, "rescan-e")
    (files,) = (lab.settings.home / "services" / "rescan-e").glob("*/*/files")
    clean = drifts(await rescan(lab.engine), "rescan-e")
    (files / "app.py").write_text("changed")
    (files / "miner").write_text("x")
    (files / "miner").chmod(0o755)
    (files / "data.txt").write_text("its own")
    first, second = [drifts(await rescan(lab.engine), "rescan-e") for _ in range(2)]
    notices = [json.loads(line) for line in (lab.settings.home / "notices.jsonl").read_text().splitlines()]

    assert clean == []
    assert first == ["changed: app.py", "added: miner, an executable"] == second
    assert len([one for one in notices if one["kind"] == "drift"]) == 1


def drifts(result, environment: str) -> list[str]:
    return [line for one in result.drifts if one.key.startswith(environment + "/") for line in one.lines]


def mine(result, environment: str):
    return [one for one in result.looked if one.key.startswith(environment + "/")]


def test_every_consequence_can_be_written_in_a_definition() -> None:
    watch = {"then": [str(one) for one in Then]}
    document = {"apiVersion": "sluiceway/v1", "kind": "Environment", "name": "e", "watch": watch}

    assert Environment.model_validate(document).watch.then == ["notify", "block", "rebuild", "rollback"]
