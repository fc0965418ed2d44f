"""What of a folder `sluiceway scan` takes: all of one without git, and of a work tree what git would commit."""

import json
import os

import pytest

from activities.source import git
from activities.source.mirrors import Mirrors
from tests.support.command_line import sluiceway
from tests.support.lab import Repo

MARKED = "x = 1  # nosec\n"


@pytest.fixture
def scan(tmp_path):
    def run(*arguments: object) -> dict:
        env = {"SLUICEWAY_HOME": str(tmp_path / "home")}
        done = sluiceway("scan", *arguments, "-t", "markers", "-f", "json", cwd=tmp_path, env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    return run


def found(report: dict) -> list[str]:
    return sorted(one["path"] for one in report["findings"])


def test_a_folder_without_git_is_scanned_whole_whatever_its_gitignore_says(scan, tmp_path):
    for name in ("a.py", "deep/er/b.py", "sub/.git/hooks/c.py", ".hg/d.py"):
        (tmp_path / "app" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "app" / name).write_text(MARKED)
    (tmp_path / "app" / ".gitignore").write_text("*\n")
    (tmp_path / "app" / "sub" / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    report = scan("app")

    assert found(report) == [".hg/d.py", "a.py", "deep/er/b.py", "sub/.git/hooks/c.py"]
    assert (report["files"]["count"], report["files"]["ignored"]) == (6, 0)
    assert scan("app")["scans"][0]["cached"]
    (tmp_path / "app" / "a.py").write_text("x = 1\n")
    assert found(scan("app")) == [".hg/d.py", "deep/er/b.py", "sub/.git/hooks/c.py"]


def test_what_a_folder_without_git_has_besides_files_is_named(scan, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text(MARKED)
    os.mkfifo(tmp_path / "app" / "pipe.py")
    (tmp_path / "app" / "out").symlink_to(tmp_path)
    report = scan("app")

    assert report["files"]["kinds"] == {"code": 1, "link": 1, "special": 1}
    assert "pipe.py" in [one["path"] for one in report["files"]["unscanned"]]


def test_in_a_work_tree_what_git_ignores_is_counted_and_scanned_on_request(scan, tmp_path):
    files = {"a.py": MARKED, ".gitignore": "out/\n*.log\n", ".gitattributes": "* export-ignore -diff\n"}
    repo = Repo.create(tmp_path / "app", files)
    (repo.path / "out").mkdir()
    for name in ("out/b.py", "out/c.py", "d.log"):
        (repo.path / name).write_text(MARKED)

    assert (found(scan("app")), scan("app")["files"]["ignored"]) == (["a.py"], 3)
    assert found(scan("--all", "app")) == ["a.py", "d.log", "out/b.py", "out/c.py"]
    env = {"SLUICEWAY_HOME": str(tmp_path / "home")}
    told = sluiceway("scan", "app", "-t", "markers", cwd=tmp_path, env=env).stdout
    assert "3 files ignored by .gitignore were not scanned; --all" in told


def test_a_tracked_file_is_scanned_even_if_git_would_ignore_it(scan, tmp_path):
    repo = Repo.create(tmp_path / "app", {"a.py": "x = 1\n"})
    (repo.path / "b.py").write_text(MARKED)
    git.git("add", "-f", "b.py", cwd=repo.path)
    (repo.path / ".gitignore").write_text("*\n")
    report = scan("app")

    assert (found(report), report["files"]["ignored"]) == (["b.py"], 1)


def test_a_submodule_and_a_pointer_to_lfs_are_named(scan, tmp_path):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
    repo = Repo.create(tmp_path / "app", {"a.py": MARKED, "model.bin": pointer})
    Repo.create(repo.path / "lib", {"b.py": MARKED})
    report = scan("app")

    named = {one["path"]: one["reason"] for one in report["files"]["unscanned"] if one["path"]}
    assert found(report) == ["a.py"]
    assert named.keys() == {"lib", "model.bin"}
    assert "submodule" in named["lib"]
    assert "LFS" in named["model.bin"]


def test_a_run_of_a_folder_without_git_has_all_its_files(tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text(MARKED)
    (tmp_path / "app" / ".gitignore").write_text("*\n")
    mirrors = Mirrors(tmp_path / "m")
    name, commit = mirrors.snapshot(tmp_path / "app")

    assert git.list_files(mirrors.path(name), commit) == [".gitignore", "a.py"]


@pytest.mark.parametrize("marker", ["gitleaks:allow", "pragma: allowlist secret", "trufflehog:ignore", "ggignore"])
def test_a_marker_beside_a_secret_shows_no_secret(scan, tmp_path, marker):
    (tmp_path / "app").mkdir()
    for name in ("a.py", "a.txt"):
        (tmp_path / "app" / name).write_text(f"key = 'f3a9c17b5d2e84061c7a'  # {marker}\n")
    report = scan("app")

    assert len(report["findings"]) == 2
    assert "f3a9c17b5d2e" not in json.dumps(report)
