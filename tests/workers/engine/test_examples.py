"""Every example runs as its first comment says: in a copy of the folder, on a home where nobody has prepared anything.

The engine is a real one, at the isolation that it chooses by itself. The examples share it: what they register differs,
which is tested too, so that a home where others ran is as fresh to each of them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from activities.jobs.isolation.machine import probed
from tests.support.built_programs import built, needs_host
from tests.support.commented import EXAMPLES, FILES, commands, first_comment, named
from tests.support.patience import patient
from workers.core.settings import load
from workers.engine import embedded as engine

DEMOS = (["make demo"], ["make demo-cluster"])
"""Run in CI by themselves, at the default isolation: .ci/run."""
REGISTERING = re.compile(r"sluiceway (environment add|secret set|cluster create|apply|identity add)\b.*")
CLUSTERS = re.compile(r"sluiceway cluster create .*--name (\S+)")
HERE = "In a copy of th"
SHORT = ("10-secrets.yaml", "15-blue-green.yaml")
"""Of `make test`: what they register differs. The others are run there without a home of their own, in simulation/test_parity.py."""


def _kind(file: Path) -> str:
    text = file.read_text()
    if "cluster create" in " ".join(commands(file)):
        return "cluster"
    return "docker" if "container:" in text else "plain"


def of(kind: str, *left_out: str) -> pytest.MarkDecorator:
    chosen = [file for file in FILES if _kind(file) == kind and commands(file) not in DEMOS]
    return pytest.mark.parametrize("file", [file for file in chosen if named(file) not in left_out], ids=named)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home that is not there yet, with nobody's settings: the first command makes it, and starts the engine."""
    folder, tools = tmp_path_factory.mktemp("fresh"), load().built
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SLUICEWAY_")]:
            patch.delenv(name)
        patch.setenv("SLUICEWAY_GO_BIN", str(tools))  # what took minutes to build is nobody's setting
        patch.setenv("HOME", str(folder / "user"))
        patch.setenv("SLUICEWAY_HOME", str(folder / "home"))
        patch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "reader")
            patch.setenv(f"GIT_{who}_EMAIL", "reader@example.org")
        (folder / "user").mkdir()
        yield folder
        engine.down(load())


def typed(file: Path, folder: Path) -> str:
    """What the commands of an example print in a copy of the folder; all of them pass."""
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        ["sh", "-ec", "\n".join(commands(file))], cwd=folder, capture_output=True, text=True, timeout=patient(150)
    )
    assert done.returncode == 0, f"{named(file)}: {done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.mark.system
@of("plain", *SHORT)
def test_it_runs(fresh: Path, tmp_path: Path, file: Path) -> None:
    said = typed(file, tmp_path / "examples")
    assert "passed" in said or "cases, 0 failed" in said or "registered" in said, said


@pytest.mark.long
@pytest.mark.parametrize("name", SHORT)
def test_one_with_a_secret_and_one_with_a_release_run_after_every_change(
    fresh: Path, tmp_path: Path, name: str
) -> None:
    assert "passed" in typed(EXAMPLES / name, tmp_path / "examples")


@pytest.mark.docker
@of("docker")
def test_it_runs_in_containers(
    fresh: Path, tmp_path: Path, daemon: docker.DockerClient, shell_image: str, file: Path
) -> None:
    for repository, tag in (("alpine", "3.22"), ("busybox", "1.37")):  # nothing is pulled here
        daemon.images.get(shell_image).tag(repository, tag)
    assert "passed" in typed(file, tmp_path / "examples")


@pytest.mark.heavy
@pytest.mark.timeout(400)
@of("cluster")
def test_it_runs_with_clusters(fresh: Path, tmp_path: Path, file: Path) -> None:
    built()
    needs_host()
    try:
        assert "deleted" in typed(file, tmp_path / "examples")
    except BaseException:  # else no other test could have a cluster here
        for name in CLUSTERS.findall("\n".join(commands(file))):
            subprocess.run(
                ["sluiceway", "cluster", "delete", name], capture_output=True, timeout=patient(60), check=False
            )
        raise


@pytest.mark.parametrize("file", FILES, ids=named)
def test_an_examples_first_comment_says_where_and_what_to_type(file: Path) -> None:
    assert commands(file), f"{named(file)}: its first comment names no command"
    assert any(line.startswith((f"# {HERE}", "# In the checkout", "# Used by")) for line in first_comment(file))


def test_jobs_of_examples_are_kept_apart_as_well_as_this_machine_can(fresh: Path, tmp_path: Path) -> None:
    typed(EXAMPLES / "01-hello.yaml", tmp_path / "examples")
    best = probed(load().home / "jobs").machine.best()
    done = subprocess.run(["sluiceway", "logs", "hello/1"], capture_output=True, text=True, check=True)
    assert f"isolation: {best}" in done.stdout


def test_no_two_examples_register_the_same() -> None:
    """Else one would run only because another has been before it."""
    found = Counter(line for file in FILES for line in commands(file) if REGISTERING.search(line))
    assert set(found.values()) == {1}, found
