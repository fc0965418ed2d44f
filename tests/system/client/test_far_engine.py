"""People far away, with the thin client alone, follow and decide what a real engine runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.lab import until

pytestmark = [pytest.mark.system, pytest.mark.server]
PIPELINE = """
apiVersion: sluiceway/v1
kind: Pipeline
name: hello
jobs:
  greet: {run: [echo hello]}
  ask: {needs: [greet], approval: {users: [ann], message: may it?}}
  after: {needs: [ask], run: [echo done]}
"""
LINK = re.compile(r"http://\S+/login/link#[A-Za-z0-9_-]{43}")
Said = subprocess.CompletedProcess[str]


@dataclass
class Host:
    """The engine's own machine."""

    home: Path
    repository: Path

    def say(self, *words: str) -> str:
        env = {
            **os.environ,
            "SLUICEWAY_SERVE": "yes",
            "SLUICEWAY_HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home.parent / "host"),
        }
        command = [str(Path(sys.executable).with_name("sluiceway")), *words]
        ended = subprocess.run(command, capture_output=True, text=True, env=env, cwd=self.repository, check=False)
        assert ended.returncode == 0, (words, ended.stdout, ended.stderr)
        return ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("engine")
    repository = folder / "hello"
    (repository / ".sluiceway").mkdir(parents=True)
    (repository / ".sluiceway" / "hello.yaml").write_text(PIPELINE)
    mine = ["-c", "user.name=Rita", "-c", "user.email=rita@example.com"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*mine, "commit", "-q", "-m", "hello"]):
        subprocess.run(["git", *words], cwd=repository, check=True)
    made = Host(folder / "home", repository)
    try:
        yield made
    finally:
        made.say("down")


def _person(client: Path, folder: Path, server: str) -> Callable[..., Said]:
    folder.mkdir()
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "SLUICEWAY_SERVER": server}

    def say(*words: str) -> Said:
        return subprocess.run(
            [client, *words], capture_output=True, text=True, env=env, cwd=folder, check=False, timeout=120
        )

    return say


def _link(text: str) -> str:
    found = LINK.search(text)
    assert found, text
    return found[0]


async def test_from_an_invitation_to_a_decision_that_counts(host: Host, client: Path, tmp_path: Path):
    first = _link(host.say("up"))
    server = first.partition("/login")[0]
    admin, ann = _person(client, tmp_path / "admin", server), _person(client, tmp_path / "ann", server)
    assert admin("login", first).returncode == 0
    invited = _link(host.say("people", "invite", "ann"))
    assert "person:ann" in ann("login", invited).stdout
    assert ann("login", invited).returncode == 3
    host.say("identity", "email", "add", admin("whoami").stdout.split()[0].removeprefix("person:"), "rita@example.com")
    assert host.say("run", ".sluiceway/hello.yaml", "--detach").split()[-1].endswith("hello/1")

    unseen = ann("show", "hello/1")
    assert (unseen.returncode, "SLW911" in unseen.stderr) == (1, True)
    refused = ann("people", "list")
    assert (refused.returncode, "SLW410" in refused.stderr) == (3, True)
    assert admin("access", "grant", "person:ann", "approver", "project:default").returncode == 0
    await until(lambda: "hello/1" in ann("inbox").stdout, timeout_s=90)
    fingerprint = re.search(r"fingerprint +([0-9a-f]{64})", ann("decision", "show", "hello/1").stdout)
    assert fingerprint is not None
    approved = ann("approve", "hello/1", "--yes", "--comment", "좋아요")
    assert (approved.returncode, fingerprint[1] in approved.stdout) == (0, True), approved.stderr

    await until(lambda: "run/hello/1 passed" in ann("show", "hello/1").stdout, timeout_s=90)
    assert "done" in ann("logs", "hello/1", "after", "--follow").stdout
    started = admin("run", "hello", "--detach")
    assert started.stdout.strip() == "run/hello/2", started.stderr
    assert ann("cancel", "hello/2").returncode == 3
    assert admin("cancel", "hello/2").returncode == 0
    audit = admin("audit", "query", "--limit", "200").stdout
    assert "person:ann approvals:decide" in audit
    assert admin("audit", "verify").returncode == 0
    assert admin("up").returncode == 2
