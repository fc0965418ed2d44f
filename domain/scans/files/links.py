"""Names that links give to files: a program can be run by each of its names. No link is opened."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from domain.scans.files.kinds import claims_code
from domain.scans.files.languages import suffix_of

MAX_HOPS = 40
"""Links on the way to one file, as kernels have it."""


def named(links: Mapping[str, str], files: Container[str]) -> Iterator[tuple[str, str]]:
    """Link and file, for each file and each suffix of code that links give it and that it does not have itself.

    `links`: path of a link to what stands in it; `files`: the paths of files. Paths are relative to the target.
    """
    seen = set()
    for link in sorted(links):
        if not claims_code(link):
            continue
        path = target(links, link)
        key = (path, suffix_of(link))
        if path in files and suffix_of(path) != key[1] and key not in seen:
            seen.add(key)
            yield link, path


def target(links: Mapping[str, str], path: str) -> str:
    """Where a path leads within the target; empty: out of it, or in circles."""
    done: list[str] = []
    left = path.split("/")[::-1]
    hops = 0
    while left:
        part = left.pop()
        if part == "..":
            if not done:
                return ""
            done.pop()
        elif part not in ("", "."):
            done.append(part)
            if (to := links.get("/".join(done))) is not None:
                hops += 1
                if hops > MAX_HOPS or to.startswith("/"):
                    return ""
                done.pop()
                left += to.split("/")[::-1]
    return "/".join(done)
