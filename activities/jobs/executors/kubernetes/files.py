"""Uploads a job's folder to its pod and downloads it: tar archives through the API server."""

from __future__ import annotations

import io
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from activities.core.files import remove_tree
from activities.core.tar_reader import Source, TarError
from activities.jobs.executors.kubernetes.pod_ref import Held
from activities.kubernetes.exec import hang_up, open_exec
from activities.kubernetes.sdk import ExecStream
from activities.storage import unpacking
from domain.core.errors import SluicewayError
from domain.jobs.job_pod import ROOT, STEPS

MOVED = ("workspace", "home", "outputs")
MODES = {"workspace": 0o755, "home": 0o700}
"""Of the folders themselves, whatever the pod has made of them."""
MAX_BYTES = 4 << 30
CHUNK = 1 << 16
SILENT_S = 60
"""How long a transfer may stall."""
TAKE = f'umask 0; head -c "$1" | tar xpf - -C {ROOT}'
"""Announces the archive's size first: not every server supports closing the input."""


def send(held: Held, folder: Path, told: Callable[[str], None]) -> None:
    """Uploads a folder.

    Raises:
        SluicewayError: SLW953, the upload failed, for example because the image has no tar.
    """
    with tempfile.TemporaryFile(dir=folder) as archive:
        pack(archive, folder)
        size = archive.tell()
        archive.seek(0)
        command = ["/bin/sh", "-c", TAKE, "sh", str(size)]
        stream = open_exec(held.kube, held.namespace, held.name, STEPS, command, stdin=True)
        try:
            for chunk in iter(lambda: archive.read(CHUNK), b""):
                stream.write_channel(0, chunk)
                told(f"sends {size:,} bytes")
            _finish(stream)
        except OSError as broken:
            raise SluicewayError(
                "SLW953", "the job's files could not be copied to its pod", why=str(broken), transient=True
            ) from broken
        finally:
            hang_up(stream)


def pack(out: IO[bytes], folder: Path) -> None:
    """In GNU's format: Busybox ignores extended headers, and would lose names. Times are whole seconds."""
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT, encoding="utf-8") as tar:
        for name in MOVED:
            tar.add(folder / name, arcname=name, filter=_nobodys)


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime = int(member.mtime)  # for seconds before 1970, too: the format has no fractions
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _finish(stream: ExecStream) -> None:
    stream.run_forever(timeout=SILENT_S)
    code = None if stream.is_open() else stream.returncode
    if code != 0:
        words = stream.read_channel(2).decode("utf-8", "replace").strip()[-300:]
        raise SluicewayError(
            "SLW953",
            "the job's files could not be copied to its pod",
            why=words or f"tar ended with {code}",
            fix="the image needs /bin/sh, head and tar",
            transient=True,
        )


def settle(folder: Path) -> None:
    """Puts what the agent has brought home (`fetched.tar`) in the place of the job's files.

    Raises:
        SluicewayError: SLW953, it is incomplete or too big.
    """
    new, archive = folder / "fetched", folder / "fetched.tar"
    remove_tree(new)
    try:
        with archive.open("rb") as file:
            _unpack(file, new)
    except (TarError, OSError) as broken:
        raise SluicewayError(
            "SLW953", "the results of the steps could not be copied back", why=str(broken)[:300], transient=True
        ) from broken
    for name in MOVED:
        _replace(new / name, folder / name)
    remove_tree(new)
    archive.unlink()


def fetch(held: Held, folder: Path) -> None:
    """Downloads the steps' output into the job's folder. Paths outside it are skipped.

    Raises:
        SluicewayError: SLW953, the download is incomplete or too big.
    """
    new = folder / "fetched"
    remove_tree(new)
    command = ["tar", "cf", "-", "-C", ROOT, *MOVED]
    stream = open_exec(held.kube, held.namespace, held.name, STEPS, command)
    try:
        _unpack(_Incoming(stream), new)
    except (TarError, OSError) as broken:
        raise SluicewayError(
            "SLW953", "the results of the steps could not be copied back", why=str(broken)[:300], transient=True
        ) from broken
    finally:
        hang_up(stream)
    for name in MOVED:
        _replace(new / name, folder / name)
    remove_tree(new)


def _unpack(archive: Source, new: Path) -> None:
    """Links that lead out of the folder, pipes and devices are left out."""
    done = unpacking.extract(archive, new, skip=lambda words: None, max_bytes=MAX_BYTES)
    unpacking.leading_out(new, done.links)
    unpacking.settle(new, {name: (MODES.get(name, mode), at) for name, (mode, at) in done.folders.items()})


def _replace(new: Path, old: Path) -> None:
    if not new.exists():
        raise SluicewayError(
            "SLW953", "the results of the steps could not be copied back", why=f"{old.name} is missing", transient=True
        )
    if old.is_dir() and not old.is_symlink():
        remove_tree(old)
    else:
        old.unlink(missing_ok=True)
    new.rename(old)


class _Incoming(io.RawIOBase):
    """A stream's standard output as a file."""

    def __init__(self, stream: ExecStream) -> None:
        self._stream, self._kept, self._total = stream, b"", 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        deadline = time.monotonic() + SILENT_S
        while len(self._kept) < size and self._stream.is_open():
            self._stream.update(timeout=1)
            data = self._stream.read_channel(1) if self._stream.peek_channel(1) else b""
            if data:
                deadline = time.monotonic() + SILENT_S
                self._count(len(data))
                self._kept += data
            elif time.monotonic() > deadline:
                raise OSError(f"no data for {SILENT_S} s")
        found, self._kept = self._kept[:size], self._kept[size:]
        return found

    def _count(self, size: int) -> None:
        self._total += size
        if self._total > MAX_BYTES:
            raise OSError(f"more than {MAX_BYTES >> 30} GiB")
