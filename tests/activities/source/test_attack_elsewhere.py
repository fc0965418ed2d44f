"""A repository whose parts lie elsewhere shows a stranger what is not its own: it is refused."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from activities.source import git, views
from activities.source.mirrors import Mirrors
from domain.core.errors import SluicewayError
from tests.support.traps import Trap, plain


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trap:
    trap = Trap(tmp_path)
    trap.set()
    monkeypatch.chdir(trap.path)
    return trap


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """A repository of the same user that the hostile folder would show to a job."""
    path = tmp_path / "private"
    path.mkdir()
    plain("init", "-q", "-b", "main", cwd=path)
    (path / "secret").write_text("s\n")
    plain("add", "-A", cwd=path)
    plain("commit", "-qm", "secret", cwd=path)
    return path


def _alternates(trap: Trap, private: Path) -> None:
    (trap.path / ".git/objects/info").mkdir(exist_ok=True)
    (trap.path / ".git/objects/info/alternates").write_text(f"{private}/.git/objects\n")


def _linked(name: str) -> Callable[[Trap, Path], None]:
    def link(trap: Trap, private: Path) -> None:
        shutil.rmtree(trap.path / ".git" / name)
        (trap.path / ".git" / name).symlink_to(private / ".git" / name)

    return link


def _linked_ref(trap: Trap, private: Path) -> None:
    (trap.path / ".git/refs/heads/x").symlink_to(private / ".git/refs/heads/main")


def _linked_folder(trap: Trap, private: Path) -> None:
    shutil.rmtree(trap.path / ".git")
    (trap.path / ".git").symlink_to(private / ".git")


def _pointer(trap: Trap, private: Path) -> None:
    shutil.rmtree(trap.path / ".git")
    (trap.path / ".git").write_text(f"gitdir: {private}/.git\n")


def _common(trap: Trap, private: Path) -> None:
    (trap.path / ".git/commondir").write_text(f"{private}/.git\n")


def _linked_head(trap: Trap, private: Path) -> None:
    (trap.path / ".git/HEAD").unlink()
    (trap.path / ".git/HEAD").symlink_to(private / ".git/HEAD")


def _pipe(trap: Trap, private: Path) -> None:
    os.mkfifo(trap.path / ".git/refs/heads/pipe")


@pytest.mark.parametrize(
    "attack",
    [
        _alternates,
        _linked("objects"),
        _linked("refs"),
        _linked_ref,
        _linked_folder,
        _pointer,
        _common,
        _linked_head,
        _pipe,
    ],
)
def test_a_repository_whose_parts_lie_elsewhere_is_refused(attack, trap, private, tmp_path):
    attack(trap, private)
    for read in (
        lambda: git.resolve(trap.path, "HEAD"),
        lambda: Mirrors(tmp_path / "m").fetch(str(trap.path), trap.head),
        lambda: git.remote_refs(str(trap.path)),
        lambda: git.history(trap.path, trap.head, tmp_path / "history.git"),
    ):
        with pytest.raises(SluicewayError) as told:
            read()
        assert told.value.code == "SLW070"
        shutil.rmtree(tmp_path / "history.git", ignore_errors=True)


def test_no_hook_is_written_through_a_link(trap: Trap, tmp_path: Path) -> None:
    from tests.support.command_line import call

    for name, made in (("hooks", tmp_path / "elsewhere"), ("hooks/post-receive", tmp_path / "profile")):
        bare = tmp_path / f"{made.name}.git"
        plain("init", "-q", "--bare", bare, cwd=tmp_path)
        (bare / "hooks").mkdir(exist_ok=True)
        if name == "hooks":
            shutil.rmtree(bare / "hooks")
            made.mkdir()
        (bare / name).symlink_to(made)
        code, _, err = call("hook", "install", str(bare), env={"SLUICEWAY_HOME": str(tmp_path / "home")})
        assert (code, "SLW070" in err) == (1, True)
    assert os.listdir(tmp_path / "elsewhere") == []
    assert not (tmp_path / "profile").exists()
    plain("init", "-q", "--bare", "honest.git", cwd=tmp_path)
    assert call("hook", "install", str(tmp_path / "honest.git"), env={"SLUICEWAY_HOME": str(tmp_path / "home")})[0] == 0


def test_worktrees_and_submodules_are_read_since_their_repository_knows_of_them(private: Path, tmp_path: Path) -> None:
    plain("worktree", "add", "-q", tmp_path / "tree", cwd=private)
    assert git.resolve(tmp_path / "tree", "HEAD") == git.resolve(private, "HEAD")
    assert git.differing(tmp_path / "tree", "HEAD") == []
    plain("-c", "protocol.file.allow=always", "submodule", "add", "-q", private, "sub", cwd=private)
    assert git.resolve(private / "sub", "HEAD") == git.resolve(private, "HEAD")
    assert views.located(private / "sub").top == private / "sub"
