"""Archives of files, in both directions."""

import io
import tarfile

import pytest

from activities.storage import artifacts
from activities.storage.stores.folder import FolderStore
from domain.core.errors import SluicewayError
from domain.releases import drift


def test_artifacts_travel_and_the_same_files_at_the_same_time_are_the_same_digest(tmp_path):
    store = FolderStore(tmp_path / "s")
    for folder in ("one", "two"):
        (tmp_path / folder / "out").mkdir(parents=True)
        (tmp_path / folder / "out" / "f").write_text("x")
    first = artifacts.pack(store, tmp_path / "one", ("out",), latest=1)

    assert artifacts.pack(store, tmp_path / "two", ("out/**",), latest=1) == first
    artifacts.unpack(store, first, tmp_path / "to")
    assert (tmp_path / "to" / "out" / "f").read_text() == "x"


def test_an_artifact_that_matches_nothing_is_an_error(tmp_path):
    with pytest.raises(SluicewayError, match="SLW821: no file matches dist"):
        artifacts.pack(FolderStore(tmp_path / "s"), tmp_path, ("dist/**",))


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "link"])
def test_an_archive_cannot_leave_its_folder(tmp_path, name):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo(name)
        if name == "link":
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member, io.BytesIO(b""))
    store = FolderStore(tmp_path / "s")

    with pytest.raises(SluicewayError, match=r"SLW823.*unsafe"):
        artifacts.unpack(store, store.put(buffer.getvalue()), tmp_path / "to")


def test_an_archive_cannot_fill_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(artifacts, "MAX_UNPACKED_BYTES", 3)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "f").write_text("four")
    store = FolderStore(tmp_path / "s")
    digest = artifacts.pack(store, tmp_path / "one", ("f",))

    with pytest.raises(SluicewayError, match="SLW822"):
        artifacts.unpack(store, digest, tmp_path / "to")


def test_a_link_to_a_folder_that_leads_elsewhere_than_the_released_one_is_told(tmp_path):
    for name, target in (("shipped", "v1"), ("found", "v2")):
        for version in ("v1", "v2"):
            (tmp_path / name / version).mkdir(parents=True)
        (tmp_path / name / "current").symlink_to(target)

    shipped, found = (artifacts.fingerprints(tmp_path / name) for name in ("shipped", "found"))
    assert drift.of_files(shipped, found) == ["changed: current"]
