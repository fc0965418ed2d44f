"""States of scans: believed only where the engine has written them, for the same scanner and scope."""

import os

import pytest

from activities.scans.running.unit_cache import UnitCache, contents, narrowed
from domain.scans.units import Known, UnitScopes

HERE = UnitScopes(("branch/main",), "branch/main")
KNOWN = Known(files={"a.py": "1"}, looked=("a.py",))


@pytest.fixture
def cache(tmp_path):
    made = UnitCache(tmp_path / "units", b"key")
    made.put("bandit 1", HERE, KNOWN)
    return made


def test_a_state_is_found_by_scanner_and_scope(cache):
    assert cache.get("bandit 1", HERE) == KNOWN
    assert cache.get("bandit 2", HERE) is None
    assert cache.get("bandit 1", UnitScopes(("branch/other",))) is None
    assert cache.get("bandit 1", UnitScopes(("branch/other", "branch/main"))) == KNOWN


def test_a_pull_request_reads_and_does_not_write(cache):
    request = UnitScopes(("branch/main",), "")
    cache.put("bandit 1", request, Known(files={}))

    assert cache.get("bandit 1", request) == KNOWN


def test_a_state_that_somebody_else_wrote_is_not_believed(cache, tmp_path):
    UnitCache(tmp_path / "units", b"another key").put("bandit 1", HERE, Known(files={}))

    assert cache.get("bandit 1", HERE) is None


def test_a_state_whose_documents_are_gone_is_not_used(cache, tmp_path):
    cache.put("trivy 1", HERE, Known(files={}, documents={"sbom": "3f"}))

    assert cache.get("trivy 1", HERE) == Known(files={}, documents={"sbom": "3f"})
    assert UnitCache(tmp_path / "units", b"key", lambda digest: False).get("trivy 1", HERE) is None


def test_a_state_is_not_believed_under_another_name(cache, tmp_path):
    (state,) = (tmp_path / "units").iterdir()
    cache.put("bandit 2", HERE, Known(files={}))
    (other,) = set((tmp_path / "units").iterdir()) - {state}
    state.write_bytes(other.read_bytes())

    assert cache.get("bandit 1", HERE) is None
    assert cache.get("bandit 2", HERE) == Known(files={})


@pytest.mark.parametrize("data", [b"", b"x" * 31, b"x" * 1000])
def test_what_cannot_be_read_is_not_there(cache, tmp_path, data):
    (state,) = (tmp_path / "units").iterdir()
    state.write_bytes(data)

    assert cache.get("bandit 1", HERE) is None


def test_contents_are_those_of_files_that_scanners_look_at(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "link.py").symlink_to("a.py")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").touch()
    before = contents(tmp_path)
    (tmp_path / "a.py").write_text("x = 2\n")

    assert list(before or ()) == ["a.py"]
    assert contents(tmp_path) != before


def test_a_narrow_tree_has_these_files_and_no_others(tmp_path):
    root = tmp_path / "root"
    (root / "lib").mkdir(parents=True)
    for name in ("a.py", "lib/b.py", "lib/c.py"):
        (root / name).write_text(name)
    made = narrowed(root, frozenset({"lib/b.py"}), tmp_path / "narrow")

    assert list(contents(made) or ()) == ["lib/b.py"]
    assert (made / "lib/b.py").read_text() == "lib/b.py"


def test_a_tree_with_a_name_that_no_state_holds_is_scanned_whole(tmp_path):
    open(os.fsencode(tmp_path) + b"/\xff.py", "w").close()

    assert contents(tmp_path) is None
