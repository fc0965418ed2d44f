"""Where the values of secrets lie after everything that an engine does: in the store, and on no other disk."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import call, running
from tests.support.lab import Repo, until
from tests.support.scene import SERVICE, connected, kill, pid_of, started
from tests.support.supervised import pids
from workers.client import runs
from workers.core.settings import Settings, load

INHERITED = "s3cr3t-of-the-environment-81c2"
KEPT = "s3cr3t-of-the-broker-77ab"
DEFINITION = """apiVersion: sluiceway/v1
kind: Pipeline
name: guarded
on: {pull-request: {}}
secrets: {TOKEN: guarded-token}
jobs:
  use:
    secrets: [TOKEN]
    run: test "$TOKEN" = s3cr3t-of-the-broker-"77ab" && echo "it is $TOKEN"
  ship:
    needs: use
    environment: guarded
    secrets: [TOKEN]
    deploy:
      service: guarded
      version: "1"
      command: [python3, service.py]
      readiness: {http: /healthz}
      strategy: recreate
"""


def holding(home: Path, value: str) -> list[str]:
    """Files of a home that hold a text, but for those of the store."""
    files = [path for path in home.rglob("*") if path.is_file() and home / "secrets" not in path.parents]
    return [str(path.relative_to(home)) for path in files if value.encode() in path.read_bytes()]


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


@pytest.fixture(scope="module")
def inherited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """An engine that was started by somebody with a secret among the variables."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEPLOY_TOKEN", INHERITED)
        with running(tmp_path_factory.mktemp("inherited") / "home"):
            patch.undo()
            yield load()


@pytest.fixture
def repo(inherited: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository whose pipeline has a secret, by the rule that `secret set` makes without more options."""
    made = Repo.create(tmp_path / "repo", {"sluiceway.yaml": DEFINITION, "service.py": SERVICE})
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{KEPT}\n"))
    code, _, words = call("secret", "set", "guarded-token", "--pipeline", "guarded", cwd=made.path)
    assert code == 0, words
    return made


async def test_after_a_run_with_a_release_no_file_of_the_home_holds_a_value(inherited: Settings, repo: Repo) -> None:
    result = await runs.result(await connected(inherited), started(repo))
    assert result.status == "passed", result.reason

    service = inherited.home / "services" / "guarded" / "guarded" / "r1"
    assert KEPT.encode() in environment_of(pids(service)[0])
    assert INHERITED.encode() in environment_of(pid_of(inherited, "worker"))
    assert holding(inherited.home, KEPT) == []
    assert holding(inherited.home, INHERITED) == []


async def test_a_worker_that_dies_comes_back_with_its_variables(inherited: Settings) -> None:
    before = pid_of(inherited, "worker")
    kill(before)

    def replaced() -> int:
        (pid,) = pids(inherited.home / "engine" / "worker")
        return pid if pid not in (0, before) else 0

    assert INHERITED.encode() in environment_of(await until(replaced))


@pytest.mark.system
def test_a_pull_request_gets_no_file_of_the_worker_and_no_secret_of_a_branch(inherited: Settings, repo: Repo) -> None:
    """The same definition has its secret on main: the test above."""
    repo.commit({"x": "1"})
    code, out, words = call("run", "--event", "pull-request", "--base", "main~1", "--head", "main", cwd=repo.path)
    assert (code, "SLW041" in out + words) == (1, True), out + words

    key = inherited.home / "keys" / "signing.pem"
    repo.commit({"sluiceway.yaml": DEFINITION.replace("guarded-token", f"'file:{key}'")})
    code, out, words = call("run", "--event", "pull-request", "--base", "main~1", "--head", "main", cwd=repo.path)
    assert (code, "SLW040" in out + words) == (2, True), out + words
