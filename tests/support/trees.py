"""Random trees of files, and what `lstat` says of them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from hypothesis import strategies as st

NAMES = st.one_of(
    st.sampled_from(
        [b"a", b"b", b"dist", b".hidden", b"a b", b"new\nline", b"a[b]*?", b"\xff\xfe", b"-x", b"c\\d", b"{e,f}"]
    ),
    st.text("äß名🚀e\u0301", min_size=1, max_size=3).map(str.encode),
    st.just(b"long" * 40),
)
"""Names as Linux has them: bytes."""
TIMES_NS = st.one_of(st.integers(-(10**18), 4 * 10**18), st.sampled_from([0, 1, -1, 10**9, 1_700_000_000_123_456_789]))
MODES = [0o644, 0o755, 0o600, 0o444, 0o777, 0 if os.geteuid() == 0 else 0o400]
"""Only root reads a file that nobody may read."""
FOLDER_MODES = [0o755, 0o700, 0o1777, 0o555 if os.geteuid() == 0 else 0o750]
"""Only root removes what is in a folder that nobody may write to."""
FILES = st.tuples(st.just("file"), st.binary(max_size=50), st.sampled_from(MODES), TIMES_NS)
LINKS = st.tuples(st.just("link"), NAMES, st.just(0), TIMES_NS)
"""Links to a sibling, which is often missing or a folder."""
TREES = st.recursive(
    st.one_of(FILES, LINKS),
    lambda inside: st.tuples(
        st.just("folder"),
        st.dictionaries(NAMES, inside, max_size=4),
        st.sampled_from(FOLDER_MODES),
        TIMES_NS,
    ),
    max_leaves=12,
)


Tree = tuple[str, "bytes | dict[bytes, Tree]", int, int]
"""Kind, content, mode, and time in ns."""


def plant(path: bytes, tree: Tree) -> None:
    """Makes what a strategy has drawn."""
    kind, content, mode, time_ns = tree
    if isinstance(content, bytes):
        if kind == "link":
            os.symlink(content, path)
        else:
            with open(path, "wb") as file:
                file.write(content)
            os.chmod(path, mode)
    else:
        os.mkdir(path)
        for name, inside in content.items():
            plant(path + b"/" + name, inside)
        os.chmod(path, mode)
    os.utime(path, ns=(time_ns, time_ns), follow_symlinks=False)


def told(root: Path) -> dict[bytes, tuple[int, int, int, bytes]]:
    """Name to mode with its type, time in ns, number of names of a file, and content or target, of everything below."""
    found = {}
    for folder, folders, names in os.walk(os.fsencode(root)):
        for name in (*folders, *names):
            path = os.path.join(folder, name)
            seen = os.lstat(path)
            content = b""
            if stat.S_ISLNK(seen.st_mode):
                content = os.readlink(path)
            elif stat.S_ISREG(seen.st_mode):
                with open(path, "rb") as file:
                    content = file.read()
            links = 0 if stat.S_ISDIR(seen.st_mode) else seen.st_nlink
            found[os.path.relpath(path, os.fsencode(root))] = (seen.st_mode, seen.st_mtime_ns, links, content)
    return found
