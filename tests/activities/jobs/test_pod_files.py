"""Files on their way to a pod and back, through the programs that images have."""

import io
import os
import shutil
import subprocess

import pytest

from activities.jobs.executors.kubernetes import files
from tests.support import trees


@pytest.fixture(params=["tar", "busybox"])
def tar(request) -> list[str]:
    if not shutil.which(request.param):
        pytest.skip(f"no {request.param} is installed")
    return [request.param, "tar"] if request.param == "busybox" else ["tar"]


@pytest.fixture
def job(tmp_path):
    """A job's folder."""
    for name in ("workspace", "home"):
        (tmp_path / "job" / name / "empty").mkdir(parents=True)
    (tmp_path / "job" / "outputs").touch()
    return tmp_path / "job"


def through(tar: list[str], job, pod) -> None:
    """Into a folder that stands for a pod, by the command of a pod."""
    archive = io.BytesIO()
    files.pack(archive, job)
    pod.mkdir()
    subprocess.run([*tar, "xpf", "-", "-C", str(pod)], input=archive.getvalue(), check=True, umask=0)


def test_a_tree_comes_back_from_a_pod_as_it_was(tar, job, tmp_path):
    here = job / "workspace"
    (here / "a").write_text("x")
    os.link(here / "a", here / "b")
    (here / "dir").symlink_to("empty")
    (here / "none").symlink_to("missing")
    names = [b"\xff", "ü 名 🚀".encode(), b"new\nline", b"l" * 200, b"a[b]*?"]
    for name in names:
        (here / os.fsdecode(name)).write_bytes(name)
    for mode in (0o600, 0o666, 0o444, 0o777):
        (here / f"{mode:o}").touch()
        (here / f"{mode:o}").chmod(mode)
    (here / "empty").chmod(0o775)
    for name in sorted(os.listdir(here)):
        os.utime(here / name, (1_500_000_000, 1_500_000_000), follow_symlinks=False)
    through(tar, job, tmp_path / "pod")
    back = subprocess.run([*tar, "cf", "-", "-C", str(tmp_path / "pod"), *files.MOVED], capture_output=True, check=True)
    files._unpack(io.BytesIO(back.stdout), tmp_path / "new")

    seen, made = trees.told(tmp_path / "new" / "workspace"), trees.told(here)
    for link in (b"dir", b"none") if tar[0] == "busybox" else ():  # it does not set the times of links
        made[link] = (made[link][0], seen[link][1], *made[link][2:])
    assert seen == made
    assert set(names) < set(seen)
    assert (tmp_path / "new" / "home").stat().st_mode & 0o777 == 0o700


def test_what_a_pod_made_to_lead_out_is_left_out(tmp_path, job):
    (job / "workspace" / "l").symlink_to("/etc")
    (job / "workspace" / "up").symlink_to("../../..")
    os.mkfifo(job / "workspace" / "pipe")
    made = subprocess.run(["tar", "cf", "-", "-C", str(job), *files.MOVED], capture_output=True, check=True)
    files._unpack(io.BytesIO(made.stdout), tmp_path / "new")

    assert set(trees.told(tmp_path / "new" / "workspace")) == {b"empty"}
