"""Submodules and LFS files: checked out if the definition says so, and told if it says nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from activities.source import git
from activities.source.checkouts import UNSAID, _address, check_out
from activities.source.mirrors import Mirrors
from domain.core.errors import SluicewayError
from domain.pipelines.checkout import CheckoutSpec
from tests.support.lab import Repo

DIRECT, DEEP, SILENT = CheckoutSpec(True), CheckoutSpec(True, recursive=True), CheckoutSpec(False, lfs=False)
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"
WHO = ("-c", "user.name=d", "-c", "user.email=d@example.org", "-c", "protocol.file.allow=always")


def linked(repo: Repo, path: str, commit: str, url: str, name: str = "") -> None:
    """A commit with a submodule, as `git submodule add` makes it."""
    file = repo.path / ".gitmodules"
    before = file.read_text() if file.exists() else ""
    file.write_text(f'{before}[submodule "{name or path}"]\n\tpath = {path}\n\turl = {url}\n')
    git.git("add", ".gitmodules", cwd=repo.path)
    git.git("update-index", "--add", "--cacheinfo", f"160000,{commit},{path}", cwd=repo.path)
    git.git(*WHO, "commit", "-q", "-m", "linked", cwd=repo.path)
    repo.head = git.resolve(repo.path, "HEAD")


@pytest.fixture
def inner(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path / "inner", {"inner.txt": "inner"})


@pytest.fixture
def lib(tmp_path: Path, inner: Repo) -> Repo:
    repo = Repo.create(tmp_path / "lib", {"lib.txt": "lib"})
    linked(repo, "deep/inner", inner.head, "../inner")
    return repo


@pytest.fixture
def web(tmp_path: Path, lib: Repo) -> Repo:
    repo = Repo.create(tmp_path / "web", {"a.txt": "a"})
    linked(repo, "third party/lib", lib.head, "../lib", "lib")
    return repo


def out(tmp_path: Path, repo: Repo, how: CheckoutSpec = UNSAID) -> tuple[list[str], set[str]]:
    target = tmp_path / "out"
    notes = check_out(Mirrors(tmp_path / "m"), str(repo.path), repo.head, target, how)
    return notes, {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}


def test_submodules_that_nobody_speaks_of_are_left_out_and_told(tmp_path: Path, web: Repo) -> None:
    notes, files = out(tmp_path, web)

    assert notes == ["submodules left out: third party/lib (checkout: {submodules: true})"]
    assert files == {"a.txt", ".gitmodules"}


def test_submodules_that_are_not_wanted_are_left_out_without_a_word(tmp_path: Path, web: Repo) -> None:
    assert out(tmp_path, web, SILENT)[0] == []


def test_submodules_are_checked_out_and_those_of_them_are_told(tmp_path: Path, web: Repo) -> None:
    notes, files = out(tmp_path, web, DIRECT)

    assert "third party/lib/lib.txt" in files
    assert notes == ["third party/lib: submodules left out: deep/inner (checkout: {submodules: recursive})"]


def test_recursive_checks_out_submodules_of_submodules(tmp_path: Path, web: Repo) -> None:
    notes, files = out(tmp_path, web, DEEP)

    assert (notes, "third party/lib/deep/inner/inner.txt" in files) == ([], True)
    assert not [name for name in files if name.endswith(".git")]


def test_a_second_job_of_the_same_commit_is_told_the_same(tmp_path: Path, web: Repo) -> None:
    mirrors = Mirrors(tmp_path / "m")
    first, second = (check_out(mirrors, str(web.path), web.head, tmp_path / name) for name in "ab")

    assert first == second != []


def test_a_run_by_hand_has_the_repositories_that_lie_in_its_folder(tmp_path: Path) -> None:
    folder = Repo.create(tmp_path / "folder", {"a.txt": "a"})
    inside = Repo.create(folder.path / "vendor" / "dep", {"dep.txt": "dep"})
    git.git("checkout", "-q", "--detach", cwd=inside.path)
    inside.commit({"more.txt": "on no branch"})
    mirrors = Mirrors(tmp_path / "m")
    source = mirrors.snapshot(folder.path)

    assert check_out(mirrors, *source, tmp_path / "without") == [
        "submodules left out: vendor/dep (checkout: {submodules: true})"
    ]
    assert check_out(mirrors, *source, tmp_path / "with", DIRECT) == []
    assert (tmp_path / "with" / "vendor" / "dep" / "more.txt").exists()


@pytest.mark.parametrize(
    ("path", "url", "words"),
    [
        ("x", "", "has no url"),
        ("x", "--upload-pack=touch /tmp/x", "is no address"),
        ("x", "../gone", "cannot be checked out"),
        ("x", "ext::sh -c true", "cannot be checked out"),
    ],
)
def test_a_submodule_that_cannot_be_had_fails_with_its_name(
    tmp_path: Path, inner: Repo, path: str, url: str, words: str
) -> None:
    repo = Repo.create(tmp_path / "web", {"a.txt": "a"})
    linked(repo, path, inner.head, url)
    with pytest.raises(SluicewayError, match="SLW826") as told:
        out(tmp_path, repo, DIRECT)

    assert words in str(told.value)
    assert f"submodule {path}" in str(told.value)


def test_a_repository_elsewhere_names_no_folder_of_this_machine() -> None:
    for url in ("/etc/secret.git", "file:///etc/secret.git", "secret.git"):
        with pytest.raises(SluicewayError, match="SLW826"):
            _address("https://example.org/web.git", url, "x")


@pytest.mark.parametrize(
    ("repo", "url", "address"),
    [
        ("https://example.org/a/web.git", "../lib.git", "https://example.org/a/lib.git"),
        ("https://example.org/a/web.git/", "../../b/lib", "https://example.org/b/lib"),
        ("git@example.org:a/web.git", "../lib.git", "git@example.org:a/lib.git"),
        ("/srv/git/web.git", "../lib.git", "/srv/git/lib.git"),
        ("https://example.org/a/web.git", "../..//b/lib.git", "https://example.org/b/lib.git"),
        ("/srv/git/web.git", "./lib.git", "/srv/git/web.git/lib.git"),
        ("https://example.org/a/web.git", "https://other.example.org/lib", "https://other.example.org/lib"),
        ("/srv/git/web.git", "/srv/git/lib.git", "/srv/git/lib.git"),
    ],
)
def test_a_relative_url_begins_at_the_repository(repo: str, url: str, address: str) -> None:
    assert _address(repo, url, "x") == address


def test_lfs_files_that_nobody_speaks_of_stay_pointers_and_are_told(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "web", {".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n"})
    (repo.path / "real.bin").write_text("no pointer")
    (repo.path / "big.bin").write_text(POINTER.format("a" * 64, 12345))
    git.git(*git.NO_LFS, "add", ".", cwd=repo.path)
    git.git(*WHO, *git.NO_LFS, "commit", "-q", "-m", "x", cwd=repo.path)
    repo.head = git.resolve(repo.path, "HEAD")

    assert out(tmp_path, repo)[0] == ["LFS files left as pointers: big.bin (checkout: {lfs: true})"]
    assert out(tmp_path, repo, SILENT)[0] == []


def test_without_lfs_the_settings_of_the_machine_do_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = POINTER.format("a" * 64, 12345)
    repo = Repo.create(tmp_path / "web", {".gitattributes": "*.bin filter=lfs\n", "big.bin": text})
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text('[filter "lfs"]\n\tsmudge = false\n\tclean = false\n\trequired = true\n')
    out(tmp_path, repo)
    source = Mirrors(tmp_path / "m").snapshot(repo.path)

    assert (tmp_path / "out" / "big.bin").read_text() == text
    assert source[0].endswith("web")


def test_lfs_files_that_cannot_be_had_fail_with_what_to_do(tmp_path: Path) -> None:
    files = {".gitattributes": "*.bin filter=lfs\n", "big.bin": POINTER.format("a" * 64, 12345)}
    repo = Repo.create(tmp_path / "web", files)
    with pytest.raises(SluicewayError, match="SLW827") as told:
        out(tmp_path, repo, CheckoutSpec(lfs=True))

    assert "git lfs push" in str(told.value)


@pytest.mark.skipif(shutil.which("git-lfs") is None, reason="git-lfs is not installed")
@pytest.mark.parametrize("bare", [False, True])
def test_lfs_files_have_their_content(tmp_path: Path, bare: bool) -> None:
    lfs = ("-c", "filter.lfs.clean=git-lfs clean -- %f", "-c", "filter.lfs.required=true")
    repo = Repo.create(tmp_path / "web", {".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n"})
    (repo.path / "big.bin").write_bytes(b"\0content" * 100)
    git.git(*lfs, "add", ".", cwd=repo.path)
    git.git(*WHO, *lfs, "commit", "-q", "-m", "big", cwd=repo.path)
    repo.head = git.resolve(repo.path, "HEAD")
    if bare:
        served = tmp_path / "web.git"
        git.git("clone", "-q", "--bare", str(repo.path), str(served))
        git.git("lfs", "push", "--all", f"file://{served}", cwd=repo.path)
        repo.path = served

    assert out(tmp_path, repo, CheckoutSpec(lfs=True))[0] == []
    assert (tmp_path / "out" / "big.bin").read_bytes() == b"\0content" * 100
