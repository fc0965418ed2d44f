"""Archives of caches, whoever has made them."""

import io
import tarfile

import pytest

from activities.jobs import caches


@pytest.fixture
def job(tmp_path):
    """A job's folder."""
    for name in ("home", "workspace"):
        (tmp_path / name).mkdir()
    return tmp_path


def packed(tmp_path, *members: tuple[str, bytes, str], mtime: int = 1):
    with tarfile.open(tmp_path / "archive", mode="w") as archive:
        for name, kind, target in members:
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.mtime = kind, target, mtime
            archive.addfile(member, io.BytesIO(b""))
    return tmp_path / "archive"


def test_a_cache_without_times_is_made_anew(job):
    with pytest.raises(OSError, match="older version"):
        caches._unpack(packed(job, ("workspace/f", tarfile.REGTYPE, ""), mtime=0), job)


def test_links_of_a_cache_lead_anywhere_and_nothing_is_written_through_them(job):
    caches._unpack(packed(job, ("workspace/python", tarfile.SYMTYPE, "/usr/bin/python3")), job)
    assert (job / "workspace" / "python").readlink().as_posix() == "/usr/bin/python3"

    through = packed(job, ("home/l", tarfile.SYMTYPE, "/tmp"), ("home/l/f", tarfile.REGTYPE, ""))
    with pytest.raises(ValueError, match="below home/l, which is no folder"):
        caches._unpack(through, job)
    assert list((job / "home").iterdir()) == []


def test_nothing_of_a_cache_is_put_beside_the_home_and_the_workspace(job):
    caches._unpack(packed(job, ("spec.json", tarfile.REGTYPE, ""), ("other/f", tarfile.DIRTYPE, "")), job)

    assert sorted(path.name for path in job.iterdir()) == ["archive", "home", "workspace"]
