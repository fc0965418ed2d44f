"""Which folders of the machine a job does not see, and what it needs of them all the same: the tools of its PATH."""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

PLACES_OF_PEOPLE = ("/home", "/root", "/run", "/tmp", "/var/tmp")  # noqa: S108  (hidden, not used)
"""Homes, sockets of services and files of others."""
OF_A_TOOL = (
    *("bin", "sbin", "shims", "lib", "lib32", "lib64", "libexec", "include", "pyvenv.cfg", "share", "versions"),
    *("version", "plugins", "toolchains", "settings.toml", "conf", "jmods", "release", "pkg", "src", "misc"),
    *("VERSION", "go.env"),
)
"""What lies beside a folder of programs and belongs to them: never all of it, where credentials may lie too."""
TOOLS_ELSEWHERE = {".cargo": ".rustup"}
REMEMBERED_S = 60.0
OF_SYSTEM = ("/etc/resolv.conf", "/etc/hosts", "/etc/localtime")
"""Files that may be links to a hidden folder."""


def hidden(home: Path) -> list[str]:
    """Existing folders that jobs do not see. `home`: the engine's."""
    people = {os.path.expanduser("~"), *PLACES_OF_PEOPLE}
    with suppress(KeyError):
        people.add(pwd.getpwuid(os.getuid()).pw_dir)
    found = {str(home), os.path.realpath(home)} | {os.path.realpath(one) for one in people}
    return sorted(path for path in found if path != "/" and os.path.isdir(path))


def _needed(path: str) -> frozenset[str]:
    """Folders and files that the programs of a PATH need, wherever they lie."""
    found: set[str] = set()
    for folder in path.split(":"):
        if os.path.isabs(folder) and os.path.isdir(folder):
            found |= _of(folder)
    return frozenset(found | {os.path.realpath(name) for name in OF_SYSTEM if os.path.islink(name)})


def _visible(found: Iterable[str], hidden: Sequence[str], home: Path) -> list[str]:
    """Those that lie below hidden folders; never the engine's home."""
    kept = os.path.realpath(home)
    needed = {one for one in found if _below(one, hidden) and not _below(one, [kept]) and not _below(kept, [one])}
    return [one for one in sorted(needed) if not _below(str(Path(one).parent), needed)]


class _Lookup:
    """What a PATH needs, remembered by all of this process: it looks at every program, for each job.

    Looked again when a folder of the PATH or what lies beside it has changed, and after a minute, since links lead on.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, list[tuple[int, int, int]], frozenset[str]]] = {}

    def visible(self, path: str, hidden: Sequence[str], home: Path) -> list[str]:
        """What the programs of a PATH need and lies below hidden folders; never the engine's home."""
        return _visible(self._found(path), hidden, home)

    def _found(self, path: str) -> frozenset[str]:
        now, stamps = time.monotonic(), _stamps(path)
        if path in self._known:
            until, of, found = self._known[path]
            if now < until and of == stamps:
                return found
        found = _needed(path)
        self._known = {path: (now + REMEMBERED_S, stamps, found)}
        return found


visible = _Lookup().visible


def _stamps(path: str) -> list[tuple[int, int, int]]:
    """What changes with the content of the folders of a PATH, and of those around them."""
    found = []
    for folder in path.split(":"):
        for one in (folder, os.path.dirname(folder)):
            with suppress(OSError):
                state = os.stat(one)
                found.append((state.st_dev, state.st_ino, state.st_mtime_ns))
    return found


def _of(folder: str) -> set[str]:
    """A folder of programs, what belongs to it, and the same of where its links lead."""
    real = os.path.realpath(folder)
    found = _beside(folder) | _beside(real)
    with suppress(OSError), os.scandir(real) as entries:
        for entry in entries:
            if entry.is_symlink() and os.path.dirname(target := os.path.realpath(entry.path)) != real:
                found |= _beside(os.path.dirname(target)) if os.access(target, os.X_OK) else set()
    return found


def _beside(folder: str) -> set[str]:
    parent = os.path.dirname(folder)
    names: Iterable[str] = OF_A_TOOL
    if os.path.basename(folder) not in ("bin", "sbin", "shims") or parent == "/":
        names = ()
    elif os.path.basename(parent) in (".local", ".cargo", ".docker") or parent == os.path.expanduser("~"):
        names = ("bin", "lib", "lib64")  # what else is there are people's own things
    found = {f"{parent}/{name}" for name in names if os.path.exists(f"{parent}/{name}")} | {folder}
    other = TOOLS_ELSEWHERE.get(os.path.basename(parent))
    if other and os.path.isdir(f"{os.path.dirname(parent)}/{other}"):
        found.add(f"{os.path.dirname(parent)}/{other}")
    return found


def _below(path: str, folders: Iterable[str]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in folders)


def around(hidden: Sequence[str], visible: Sequence[str]) -> list[str]:
    """Everything but hidden folders, as the fewest paths: for a rule that can only allow."""
    look, found = ["/"], list(visible)
    while look:
        folder = look.pop()
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.path in hidden or entry.is_symlink():
                    continue
                if any(one.startswith(f"{entry.path}/") for one in hidden):
                    look.append(entry.path)
                else:
                    found.append(entry.path)
    return sorted(found)
