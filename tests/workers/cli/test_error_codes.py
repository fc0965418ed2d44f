"""What the command line refuses, it refuses with a code, without an engine."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from activities.evidence.bundle import Bundle, write
from activities.kubernetes.kubeconfigs import AddressBook
from activities.runs.run_store import RunStart
from activities.volumes.port import VolumeDone
from domain.clusters.access import Access
from domain.core.errors import SluicewayError
from domain.scans.findings.model import ScanReport
from domain.volumes.volume import VolumePhase, VolumeStatus
from workers.cli.main import cli
from workers.client.local_scans import Documents
from workers.core.records import Records

RUN = "run/web/1"
Answers = Callable[[dict[str, object]], None]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SLUICEWAY_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("SLUICEWAY_ADDRESS", "127.0.0.1:1")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """An engine whose calls, named below `workers.client`, answer with values."""

    async def connect(*_: str, **__: str) -> None:
        return None

    def answering(values: dict[str, object]) -> None:
        monkeypatch.setattr("workers.core.connection.connect", connect)
        for name, value in values.items():

            async def call(*_: object, value: object = value) -> object:
                return value

            monkeypatch.setattr(f"workers.client.{name}", call)

    return answering


def code_of(*arguments: str) -> str:
    """The code that a command ends with."""
    done = CliRunner().invoke(cli, list(arguments))
    assert isinstance(done.exception, SluicewayError), done.output
    return done.exception.code


def recorded(home: Path) -> Records:
    """One run that has ended without ever having had a plan."""
    home.mkdir()
    records = Records.at(home / "records.db")
    run = RunStart(
        id=RUN, pipeline="web", number=1, attempt=1, commit_id="c" * 40, plan="", event="{}", source="{}", path=""
    )
    records.runs.start(run)
    records.runs.end(RUN, "failed", "", "its definition had errors", "", time.time())
    return records


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("show web/one/two", "SLW502"),
        ("show web/1", "SLW911"),
        ("logs web/1", "SLW911"),
        ("report web/1", "SLW911"),
        ("diff web/1.1 web/1.2", "SLW911"),
        ("identity add ann/bob", "SLW506"),
        ("release show", "SLW868"),
        ("test", "SLW931"),
        ("status", "SLW902"),
    ],
)
def test_what_is_not_there_or_not_well_named_is_refused(arguments: str, code: str) -> None:
    assert code_of(*arguments.split()) == code


def test_a_setting_that_is_no_duration_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEWAY_KEEP_LOGS", "for ever")
    assert code_of("runs") == "SLW503"


def test_without_a_server_there_is_no_answer() -> None:
    assert code_of("queues") == "SLW902"


def test_a_job_that_never_ran_has_no_logs(home: Path) -> None:
    recorded(home)
    assert code_of("logs", "web/1", "build") == "SLW915"


def test_a_run_without_a_plan_cannot_be_compared(home: Path) -> None:
    recorded(home)
    assert code_of("diff", "web/1", "web/1") == "SLW924"


def test_a_release_that_is_under_way_is_not_explained_yet(home: Path) -> None:
    recorded(home).releases.start("release/shop/production/1", "shop", "production", 1, RUN)
    assert code_of("release", "explain", "shop") == "SLW884"


def test_lines_that_are_no_ticks_are_not_judged(tmp_path: Path) -> None:
    (tmp_path / "ticks.jsonl").write_text('{"series": "a"}\n')
    assert code_of("judge", "replay", "ticks.jsonl") == "SLW507"


def test_somebody_elses_hook_is_never_replaced(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "repo"], check=True)
    (tmp_path / "repo" / "hooks" / "post-receive").write_text("#!/bin/sh\n")
    assert code_of("hook", "install", "repo") == "SLW509"


def test_a_folder_without_a_repository_gets_no_hook(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    assert code_of("hook", "install", "plain") == "SLW504"


def test_a_tool_that_cannot_be_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.cli.tools.INSTALLER", "/bin/false")
    assert code_of("tools", "install", "semgrep") == "SLW858"


def test_a_bundle_that_was_changed_is_said(tmp_path: Path) -> None:
    write(Bundle(RUN, {"run.json": b"{}"}), tmp_path / "whole.tgz")
    with tarfile.open(tmp_path / "whole.tgz") as archive:
        files = {member.name: archive.extractfile(member) for member in archive}
        data = {name: file.read() for name, file in files.items() if file}
    with gzip.open(tmp_path / "changed.tgz", "wb") as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in (data | {"run.json": b"[]"}).items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    assert code_of("bundle", "--check", "changed.tgz") == "SLW912"


def test_a_file_that_is_no_bundle_is_said(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    assert code_of("bundle", "--check", "text") == "SLW505"


def test_a_home_without_an_engine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLUICEWAY_ADDRESS")
    assert code_of("queues") == "SLW901"


def test_a_group_that_nobody_uses_is_said(engine: Answers) -> None:
    engine({"queues.part": ([], "")})
    assert code_of("queues", "database") == "SLW908"


def test_what_stands_in_the_way_of_a_volume_is_said(engine: Answers) -> None:
    engine({"clusters.Clusters.volume": VolumeDone("a pod uses it", VolumeStatus(VolumePhase.BOUND))})
    assert code_of("volume", "delete", "c1", "data") == "SLW955"


def test_a_cluster_that_could_not_be_mended_is_a_failure(engine: Answers) -> None:
    blocked = SimpleNamespace(reason="a node is away")
    state = SimpleNamespace(log=[], status="degraded", wanted=None, blocker=blocked)
    engine({"clusters.Clusters.heal": "heal is in progress", "clusters.Clusters.view": state})
    assert code_of("cluster", "heal", "c1") == "SLW949"


def test_a_report_without_a_bill_of_materials_is_not_written_as_one() -> None:
    from workers.cli.scans import _written

    with pytest.raises(SluicewayError, match="SLW854"):
        _written("spdx", ScanReport(), Documents())


def test_a_manifest_that_the_cluster_rejects_is_a_problem_of_its_file(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def apply(*_: object, **__: object) -> None:
        raise SluicewayError(
            "SLW943", "the API server refused it", why="422: .spec.containers[0].image: bad", status=422
        )

    api = SimpleNamespace(apply=apply, get=lambda *_, **__: None, items=lambda *_, **__: [])
    AddressBook(home / "addresses").remember("c1", Access("file:/k"))
    monkeypatch.setattr("activities.kubernetes.discovery.Kubes.open", lambda *_: api)
    (tmp_path / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - {image: '?', name: main}\n"
    )
    done = CliRunner().invoke(cli, ["pod", "run", "c1", "web", "--file", "pod.yaml"])
    assert "pod.yaml:5:" in done.output
    assert "SLW311" in done.output
    assert isinstance(done.exception, SluicewayError)
    assert done.exception.code == "SLW466"
