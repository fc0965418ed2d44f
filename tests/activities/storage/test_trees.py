"""Trees of files through the store: everything survives, and nothing leads out."""

import io
import multiprocessing
import os
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.core.files import remove_tree
from activities.storage import artifacts
from activities.storage.links import leads_out
from activities.storage.stores.folder import FolderStore
from domain.core.errors import SluicewayError
from tests.support import trees
from tests.support.profile import times


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "s")


@pytest.fixture
def one(tmp_path):
    """A workspace."""
    (tmp_path / "one").mkdir()
    return tmp_path / "one"


@given(st.dictionaries(trees.NAMES, trees.TREES, min_size=1, max_size=4))
@settings(max_examples=times(8, 20), deadline=None)
def test_a_tree_that_travels_is_the_same_tree(drawn):
    with tempfile.TemporaryDirectory() as scratch:
        one, two = Path(scratch, "one"), Path(scratch, "two")
        one.mkdir()
        for name, tree in drawn.items():
            trees.plant(os.fsencode(one) + b"/" + name, tree)
        store = FolderStore(Path(scratch, "s"))
        digest = artifacts.pack(store, one, ("**",))
        artifacts.unpack(store, digest, two)

        assert trees.told(two) == trees.told(one)
        assert artifacts.pack(store, two, (".",)) == digest


def test_names_of_one_file_stay_names_of_one_file(store, one, tmp_path):
    (one / "a").write_text("x")
    os.link(one / "a", one / "b")
    artifacts.unpack(store, artifacts.pack(store, one, ("*",)), tmp_path / "two")

    assert os.path.samefile(tmp_path / "two" / "a", tmp_path / "two" / "b")


def test_no_program_runs_as_its_owner_after_it_has_travelled(store, one, tmp_path):
    (one / "a").write_text("x")
    (one / "a").chmod(0o6755)
    artifacts.unpack(store, artifacts.pack(store, one, ("a",)), tmp_path / "two")

    assert (tmp_path / "two" / "a").stat().st_mode & 0o7777 == 0o755


TREE = ("dist/a.js", "dist/sub/b.ts", "dist/logs/l", "packages/x/dist/c", "other")
PATTERNS = {
    "dist": ["dist", "dist/a.js", "dist/empty", "dist/logs", "dist/logs/l", "dist/sub", "dist/sub/b.ts"],
    "./dist/*.js": ["dist", "dist/a.js"],
    "dist//*.{js,ts}": ["dist", "dist/a.js"],
    "packages/*/dist": ["packages", "packages/x", "packages/x/dist", "packages/x/dist/c"],
    "dist/empty/": ["dist", "dist/empty"],
    "dist/* !./dist/empty": ["dist", "dist/a.js"],
    "dist !dist/logs !dist/empty": ["dist", "dist/a.js", "dist/sub", "dist/sub/b.ts"],
    "dist/../other": ["other"],
}


@pytest.mark.parametrize("written", [*PATTERNS, "./dist", "dist/", "dist/**", ".//dist/."])
def test_patterns_mean_paths_however_they_are_written(store, one, tmp_path, written):
    for name in TREE:
        (one / name).parent.mkdir(parents=True, exist_ok=True)
        (one / name).write_text("x")
    (one / "dist" / "empty").mkdir()
    artifacts.unpack(store, artifacts.pack(store, one, tuple(written.split())), tmp_path / "two")

    assert sorted(map(os.fsdecode, trees.told(tmp_path / "two"))) == PATTERNS.get(written, PATTERNS["dist"])


@pytest.mark.parametrize(("written", "why"), [("/dist", "without '/': write dist"), ("../x", "leads out")])
def test_a_pattern_that_can_match_nothing_says_why(store, one, written, why):
    with pytest.raises(SluicewayError, match=f"(?s)SLW821.*{why}"):
        artifacts.pack(store, one, (written,))


LEADING_OUT = {
    "absolute": {"l": "/etc/passwd"},
    "above": {"sub/l": "../../x"},
    "by another link": {"deep/er/up": "../..", "l": "deep/er/up/../secret"},
    "by a missing folder": {"l": "none/../../x"},
    "to a link that does": {"a": "b/c", "b": ".."},
}
STAYING = {
    "above and in again": {"sub/l": "../other"},
    "dangling": {"l": "none"},
    "a loop": {"a": "b", "b": "a"},
    "itself": {"a": "."},
    "by a link": {"deep/up": "..", "l": "deep/up/x"},
}


def planted(root: Path, links: dict[str, str]) -> None:
    for name, target in links.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(target)


@pytest.mark.parametrize("links", LEADING_OUT.values(), ids=list(LEADING_OUT))
def test_a_link_that_leads_out_is_refused_where_it_is_packed(store, one, links):
    planted(one, links)
    with pytest.raises(SluicewayError, match=r"(?s)SLW824.*leads out, to "):
        artifacts.pack(store, one, (".",))


@pytest.mark.parametrize("links", STAYING.values(), ids=list(STAYING))
def test_a_link_that_stays_inside_travels(store, one, tmp_path, links):
    planted(one, links)
    artifacts.unpack(store, artifacts.pack(store, one, (".",)), tmp_path / "two")

    assert trees.told(tmp_path / "two") == trees.told(one)


def test_a_path_that_is_too_long_to_be_looked_at_leads_out(one):
    (one / "l").symlink_to("x" * 300)

    assert leads_out(one, "l")


def packed(*members: tuple[str, bytes, str]) -> bytes:
    """An archive of name, type, and target."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind, target in members:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            archive.addfile(member)
    return out.getvalue()


FILE, LINK, HARD, FOLDER = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE
UNSAFE = {
    "is absolute": [("/etc/x", FILE, "")],
    "leads out": [("a/../../x", FILE, "")],
    "a link that leads out": [("l", LINK, "/etc")],
    "out by another link": [("deep/er/up", LINK, "../.."), ("l", LINK, "deep/er/up/../x")],
    "below l, which is no folder": [("l", LINK, "sub"), ("l/x", FILE, "")],
    "below f, which is no folder": [("f", FILE, ""), ("f/x", FILE, "")],
    "hard link to no file": [("h", HARD, "/etc/passwd")],
    "hard link to no file of": [("l", LINK, "x"), ("h", HARD, "l")],
    "hard link to no": [("h", HARD, "../s/x")],
    "neither a file, a folder nor a link": [("d", tarfile.CHRTYPE, "")],
    "neither a file": [("p", tarfile.FIFOTYPE, "")],
    "comes twice": [("f", FILE, ""), ("./f", FILE, "")],
    "l comes twice": [("l", LINK, "x"), ("l", FILE, "")],
    "d comes twice": [("d", FOLDER, ""), ("d", FOLDER, "")],
    "a folder, and something else": [("d/f", FILE, ""), ("d", LINK, "x")],
}


@pytest.mark.parametrize("why", UNSAFE)
def test_an_archive_that_was_made_to_harm_leaves_nothing(store, tmp_path, why):
    (tmp_path / "to").mkdir()
    with pytest.raises(SluicewayError, match=f"SLW823.*{why.removeprefix('out by another link')}"):
        artifacts.unpack(store, store.put(packed(*UNSAFE[why])), tmp_path / "to")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["s", "to"]
    assert list((tmp_path / "to").iterdir()) == []


def test_a_link_of_the_checkout_is_not_followed_by_an_artifact(store, one, tmp_path):
    (one / "dist").mkdir()
    (one / "dist" / "f").write_text("new")
    two, outside = tmp_path / "two", tmp_path / "outside"
    for folder in (two, outside):
        folder.mkdir()
    (two / "dist").symlink_to(outside)
    artifacts.unpack(store, artifacts.pack(store, one, ("dist",)), two)

    assert (two / "dist" / "f").read_text() == "new"
    assert list(outside.iterdir()) == []


def test_a_link_that_would_lead_out_by_one_of_the_checkout_is_refused(store, one, tmp_path):
    (one / "l").symlink_to("data/x")
    two = tmp_path / "two"
    two.mkdir()
    (two / "data").symlink_to("/etc")
    with pytest.raises(SluicewayError, match=r"SLW823.*l is a link that leads out"):
        artifacts.unpack(store, artifacts.pack(store, one, ("l",)), two)

    assert not (two / "l").is_symlink()


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: os.mknod(path, 0o140644)])
def test_what_no_archive_can_hold_is_refused_with_its_name(store, one, make):
    make(one / "p")
    with pytest.raises(SluicewayError, match=r"(?s)SLW824.*p is a (pipe|socket)"):
        artifacts.pack(store, one, ("p",))


def test_equal_content_is_an_equal_digest_where_its_times_are_bounded(store, tmp_path):
    digests = set()
    for time_s in (2_000_000_000, 2_100_000_000):
        folder = tmp_path / str(time_s)
        (folder / "d").mkdir(parents=True)
        (folder / "d" / "f").write_text("x")
        (folder / "d" / "old").write_text("x")
        for name, time in (("d/old", 1_000_000_000), ("d/f", time_s), ("d", time_s)):
            os.utime(folder / name, (time, time))
        digests.add(artifacts.pack(store, folder, ("d",), latest=1_500_000_000))
    (digest,) = digests
    artifacts.unpack(store, digest, tmp_path / "to")

    times = {name: int((tmp_path / "to" / name).stat().st_mtime) for name in ("d", "d/f", "d/old")}
    assert times == {"d": 1_500_000_000, "d/f": 1_500_000_000, "d/old": 1_000_000_000}


def as_nobody(work: Callable[[Path], None]) -> None:
    """Calls it with a folder, as a user whom modes bind, and not as root."""

    def lowered(folder: str) -> None:
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(65_534)
            os.setuid(65_534)
        work(Path(folder))

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        child = multiprocessing.get_context("fork").Process(target=lowered, args=(folder,))
        child.start()
        child.join()
        assert child.exitcode == 0


def test_a_tree_of_read_only_folders_comes_back_twice_and_can_be_removed():
    def work(folder: Path) -> None:
        store, one, two = FolderStore(folder / "s"), folder / "one", folder / "two"
        (one / "mod" / "m@v1").mkdir(parents=True)
        (one / "mod" / "m@v1" / "f.go").write_text("x")
        for path, mode in (("mod/m@v1/f.go", 0o444), ("mod/m@v1", 0o555), ("mod", 0o500)):
            (one / path).chmod(mode)
        digest = artifacts.pack(store, one, ("mod",))
        artifacts.unpack(store, digest, two)
        artifacts.unpack(store, digest, two)

        assert trees.told(two) == trees.told(one)
        remove_tree(two)
        assert sorted(path.name for path in folder.iterdir()) == ["one", "s"]

    as_nobody(work)


def test_a_file_that_nobody_may_read_is_refused_and_not_left_out():
    def work(folder: Path) -> None:
        for name in ("secret", "locked/f"):
            (folder / "one" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "one" / name).touch(0)
        (folder / "one" / "locked").chmod(0)
        for pattern in ("secret", "locked"):
            with pytest.raises(SluicewayError, match=r"(?s)SLW824.*Permission denied"):
                artifacts.pack(FolderStore(folder / "s"), folder / "one", (pattern,))

    as_nobody(work)
