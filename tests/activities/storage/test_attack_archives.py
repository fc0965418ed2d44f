"""Archives of strangers: none writes outside of its folder, whichever Python runs this; honest ones are unpacked right."""

import contextlib
import gzip
import io
import os
import sys
import tarfile
import tempfile
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.core import tar_reader
from activities.core.tar_reader import Kind, TarError
from activities.docker import images
from activities.evidence import bundle
from activities.jobs.executors.kubernetes import files as pod_files
from activities.storage import unpacking
from domain.core.errors import DefinitionError, SluicewayError
from tests.support.profile import times

ROOT = Path(__file__).parents[3]


def entry(
    name: str, kind: bytes = b"0", link: str = "", data: bytes = b"", size: int | None = None, **pax: str
) -> bytes:
    """One entry as bytes, whatever its header says."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size, info.mode, info.mtime = kind, link, len(data), 0o644, 1
    info.pax_headers = {key.replace("__", "."): value for key, value in pax.items()}
    made = bytearray(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))
    if size is not None:
        head = made[-512:]
        head[124:136] = (size & (1 << 88) - 1 | 0x80 << 88).to_bytes(12) if size >= 0 else b"\xff" * 12
        head[148:156] = b" " * 8
        head[148:156] = b"%06o\0 " % sum(head)
        made[-512:] = head
    return bytes(made) + data + bytes(-len(data) % 512)


def archive(*entries: bytes) -> io.BytesIO:
    return io.BytesIO(b"".join(entries) + bytes(1024))


def escape_of_cve_2025_4517(victim: Path) -> io.BytesIO:
    """Links whose resolution is longer than PATH_MAX: `tarfile`'s filter takes the rest of the path as it is."""
    entries, path, deep, steps = (
        [entry("workspace", b"5"), entry("home", b"5"), entry("outputs")],
        "",
        "d" * 247,
        "abcdefghijklmnop",
    )
    for step in steps:
        entries += [entry(os.path.join(path, deep), b"5"), entry(os.path.join(path, step), b"2", deep)]
        path = os.path.join(path, deep)
    link = os.path.join("/".join(steps), "l" * 254)
    entries += [
        entry(link, b"2", "../" * len(steps)),
        entry("escape", b"2", link + "/.." * len(victim.parts) + str(victim)),
    ]
    entries += [entry("flag", b"1", "escape/authorized_keys"), entry("flag", data=b"key of the attacker\n")]
    return archive(*entries)


def test_the_control_this_python_may_be_one_with_the_hole(tmp_path: Path) -> None:
    """Shown on 3.11.7; where the hole is closed, the rest of this file still holds."""
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "authorized_keys").write_text("honest key\n")
    with (
        contextlib.suppress(tarfile.TarError, OSError),
        tarfile.open(fileobj=escape_of_cve_2025_4517(victim)) as packed,
    ):
        packed.extractall(tmp_path / "x", filter="data")
    if sys.version_info < (3, 11, 13):
        assert (victim / "authorized_keys").read_text() == "key of the attacker\n"


def test_a_pods_tar_stream_does_not_leave_its_folder(tmp_path: Path) -> None:
    """Proof 21: a pod's image brings its own `tar`, and sends back any bytes."""
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "authorized_keys").write_text("honest key\n")
    pod_files._unpack(escape_of_cve_2025_4517(victim), tmp_path / "new")
    assert (victim / "authorized_keys").read_text() == "honest key\n"
    assert not os.path.lexists(tmp_path / "new" / "escape")


@pytest.mark.parametrize(
    "entries",
    [
        [entry("../out")],
        [entry("/tmp/sluiceway-out")],
        [entry("a/../../out")],
        [entry("a", b"2", ".."), entry("a/out")],
        [entry("a", b"2", "/"), entry("a", b"5"), entry("a/out")],
        [entry("a/b"), entry("a", b"2", "..")],
        [entry("a", b"1", "../victim")],
        [entry("a", b"1", "/etc/passwd")],
        [entry("a", b"2", "../victim"), entry("b", b"1", "a"), entry("b", data=b"x")],
        [entry("a", b"2", "../victim"), entry("a", data=b"x")],
        [entry("a", b"1", "b"), entry("b", b"1", "a")],
        [entry("a/b/c", b"2", "../../x"), entry("s", b"1", "a/b/c"), entry("s/out")],
        [entry("a", b"3")], [entry("a", b"4")], [entry("a", b"6")], [entry("a", b"S")],
        [entry("a", data=b"x"), entry("a", data=b"y")],
        [entry("a", path="../out")],
        [entry("a", path="a\0b")],
        [entry("a", b"1", linkpath="../victim")],
        [entry("/".join("d" * 300))],
        [entry("a", size=-1)],
        [entry("a", size=1 << 62)],
        [entry("a", data=b"x" * 512, GNU__sparse__major="1", GNU__sparse__realsize=str(1 << 50))],
    ],
    ids=lambda entries: f"{len(entries)}",
)  # fmt: skip
def test_an_entry_that_is_not_what_an_archive_of_files_has_is_refused(entries, tmp_path):
    (tmp_path / "victim").write_text("honest")
    with pytest.raises(TarError):
        unpacking.extract(archive(*entries), tmp_path / "in")
    assert sorted(os.listdir(tmp_path)) == ["in", "victim"]
    assert (tmp_path / "victim").read_text() == "honest"


def test_a_link_in_place_of_the_folder_itself_is_not_made(tmp_path: Path) -> None:
    """CVE-2026-114583."""
    with contextlib.suppress(TarError):
        unpacking.extract(archive(entry(".", b"2", "../elsewhere"), entry("out")), tmp_path / "in")
    assert os.listdir(tmp_path) == ["in"]
    assert not (tmp_path / "in").is_symlink()


def test_an_honest_archive_is_unpacked_as_it_was(tmp_path: Path) -> None:
    long = "/".join(["folder" * 10] * 5) + "/file"
    out = io.BytesIO()
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=form) as packed:
            for name, data in (("zoë", b"one"), (long if form != tarfile.USTAR_FORMAT else "short/file", b"two" * 700)):
                info = tarfile.TarInfo(name)
                info.size, info.mode, info.mtime = len(data), 0o755, 1_700_000_000
                packed.addfile(info, io.BytesIO(data))
            for name, kind, to in (("link", tarfile.SYMTYPE, "zoë"), ("hard", tarfile.LNKTYPE, "zoë")):
                info = tarfile.TarInfo(name)
                info.type, info.linkname = kind, to
                packed.addfile(info)
        out.seek(0)
        into = tmp_path / str(form)
        unpacking.extract(out, into)
        assert (into / "zoë").read_bytes() == b"one"
        assert (into / "zoë").stat().st_mode & 0o777 == 0o755
        assert (into / "zoë").stat().st_mtime == 1_700_000_000
        assert os.readlink(into / "link") == "zoë"
        assert (into / "hard").samefile(into / "zoë")
    assert (tmp_path / str(tarfile.GNU_FORMAT) / long).read_bytes() == b"two" * 700


@pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
def test_a_header_of_gigabytes_takes_no_memory(kind: bytes, tmp_path: Path) -> None:
    bomb = gzip.compress(entry("a", kind, size=1 << 33) + bytes(1 << 24))
    tracemalloc.start()
    with pytest.raises(TarError):
        unpacking.extract(gzip.GzipFile(fileobj=io.BytesIO(bomb)), tmp_path / "in")
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_a_bomb_ends_at_its_limit(tmp_path: Path) -> None:
    bomb = io.BytesIO(entry("a", size=1 << 40) + bytes(1024))
    with pytest.raises(TarError, match="more bytes"):
        unpacking.extract(bomb, tmp_path / "in", max_bytes=1 << 20)
    many = (entry(f"{number}") for number in range(5_000))
    with pytest.raises(TarError, match="more bytes"):
        unpacking.extract(archive(*many), tmp_path / "many", max_bytes=1 << 20)


def test_a_link_swapped_in_while_an_archive_is_unpacked_leads_nowhere(tmp_path: Path) -> None:
    """Somebody else who can write there replaces a folder by a link between two entries."""
    victim = tmp_path / "victim"
    victim.mkdir()

    class Swapping(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if (tmp_path / "in" / "a").is_dir() and not (tmp_path / "in" / "a").is_symlink() and self.tell() >= 1024:
                (tmp_path / "in" / "a").rename(tmp_path / "in" / "b")
                (tmp_path / "in" / "a").symlink_to(victim)
            return super().read(size)

    swapping = Swapping(archive(entry("a", b"5"), entry("x"), entry("a/out", data=b"1")).getvalue())
    with pytest.raises(OSError, match=r"directory|symbolic"):
        unpacking.extract(swapping, tmp_path / "in")
    assert os.listdir(victim) == []


@pytest.mark.parametrize(
    "data", [b"", b"x" * 512, b"\xff" * 2048, entry("a", data=b"x" * 600)[:700], entry("a")[:100]], ids=len
)
def test_what_is_damaged_is_said_to_be(data: bytes, tmp_path: Path) -> None:
    if data:
        with pytest.raises((TarError, OSError)):
            unpacking.extract(io.BytesIO(data), tmp_path / "in")
    (tmp_path / "file").write_bytes(data)
    assert images.is_image(tmp_path / "file") is False
    with pytest.raises(DefinitionError, match="SLW505"):
        bundle.check(tmp_path / "file")


NAMES = st.lists(st.sampled_from(["a", "b", "", ".", "..", "\0", "é", "victim"]), max_size=6).map("/".join)
ENTRIES = st.lists(
    st.tuples(
        NAMES,
        st.sampled_from([b"0", b"1", b"2", b"3", b"5", b"6", b"7", b"L", b"K", b"S"]),
        NAMES,
        st.binary(max_size=600),
    ),
    max_size=12,
)


@settings(max_examples=times(50, 300), deadline=None)
@given(ENTRIES, st.binary(max_size=40), st.integers(0, 8_000))
def test_no_archive_writes_outside_of_its_folder(entries, noise, at):
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        (root / "victim").mkdir()
        (root / "victim" / "a").write_text("honest")
        data = bytearray(
            archive(*(entry(name, kind, link, content) for name, kind, link, content in entries)).getvalue()
        )
        data[at : at + len(noise)] = noise
        with contextlib.suppress(TarError, OSError):
            unpacking.extract(io.BytesIO(data), root / "in", skip=lambda words: None)
        assert sorted(os.listdir(root)) in (["in", "victim"], ["victim"])
        assert os.listdir(root / "victim") == ["a"]
        assert (root / "victim" / "a").read_text() == "honest"
        assert (root / "victim" / "a").stat().st_nlink == 1


@settings(max_examples=times(50, 300), deadline=None)
@given(st.binary(max_size=3_000))
def test_any_bytes_are_an_archive_or_a_refusal(data: bytes) -> None:
    with contextlib.suppress(TarError, OSError):
        for member in tar_reader.members(io.BytesIO(data)):
            assert member.kind in Kind


NAMES_ONLY = ("domain/core/python_holes.py", "domain/scans/dataflow/models/sinks.py")


def test_nothing_of_the_product_unpacks_with_a_library() -> None:
    """Those that make archives of their own, and read zip entries one by one with limits, are named."""
    allowed = {
        "activities/clusters/providers/local/busybox_image.py", "activities/evidence/bundle.py",
        "activities/jobs/executors/kubernetes/files.py", "activities/storage/packing.py",
        "workers/demo/service_image.py",
    }  # fmt: skip
    for folder in ("activities", "workers", "workflows", "domain", "pipeline_defs"):
        for file in (ROOT / folder).rglob("*.py"):
            text, name = file.read_text(), file.relative_to(ROOT).as_posix()
            if name in NAMES_ONLY or name.startswith("domain/scans/rules/weaknesses/"):
                continue  # names what has holes, and imports nothing
            for word in ("extractall", ".extract(self", "unpack_archive", "extractfile", "zipfile.Path"):
                assert word not in text, (name, word)
            if "tarfile.open" in text or "TarFile(" in text:
                assert name in allowed, name
                assert 'mode="r' not in text.replace("mode='r", 'mode="r'), name


def test_the_refusal_of_an_artifact_has_its_code(tmp_path: Path) -> None:
    from activities.storage import artifacts
    from activities.storage.stores.folder import FolderStore

    store = FolderStore(tmp_path / "store")
    for data in (archive(entry("../out")).getvalue(), gzip.compress(b"x"), zlib.compress(b"x")):
        with pytest.raises(SluicewayError, match="SLW823"):
            artifacts.unpack(store, store.put(data), tmp_path / "target")
