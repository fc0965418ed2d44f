"""References of `uses`: a file of the same repository, or of another repository at an exact commit."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.core.errors import DefinitionError

GIT = "git+"
DEFAULT_PATH = "component.yaml"
_FORM = re.compile(r"git\+(?P<url>[^#]+?)(?:@(?P<commit>[^@/#]*))?(?:#(?P<path>.*))?\Z", re.S)
_URL = re.compile(r"(?:https|ssh)://(?:(?P<user>[^@/\s]*)@)?[A-Za-z0-9\[][^\s@]*\Z|file:///[^\s@]+\Z")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


@dataclass(frozen=True)
class GitReference:
    """An immutable file reference: a commit id is a hash of the content."""

    url: str
    commit: str
    path: str = DEFAULT_PATH

    def __str__(self) -> str:
        return f"{GIT}{self.url}@{self.commit}#{self.path}"


def git_reference(text: str) -> GitReference | None:
    """Parses `git+URL@COMMIT[#PATH]`; None for a plain path.

    Raises:
        DefinitionError: SLW604 for an unsupported form or address, SLW605 for a ref that can move.
    """
    if not text.startswith(GIT):
        return None
    form = _FORM.match(text)
    url = _URL.match(form["url"]) if form else None
    if form is None or url is None:
        fix = "write git+https://HOST/REPOSITORY@COMMIT#PATH; ssh:// and file:/// work too"
        raise DefinitionError("SLW604", "this is not the address of a repository", fix=fix)
    if ":" in (url["user"] or ""):
        fix = "remove it, and configure a git credential helper or an SSH key"
        raise DefinitionError("SLW604", "the address contains a password", fix=fix)
    if not _COMMIT.match(form["commit"] or ""):
        named = f"'{form['commit']}'" if form["commit"] else "no name"
        fix = f"write the full commit id (40 digits); `git ls-remote {form['url']}` prints them"
        raise DefinitionError("SLW605", f"{named} can move to other content, a commit cannot", fix=fix)
    path = inside("", form["path"] or DEFAULT_PATH)
    if path is None:
        raise DefinitionError("SLW604", "the path leaves the repository")
    return GitReference(form["url"], form["commit"], path)


def resolve(file: str, used: str) -> str | None:
    """The canonical name of what `file` refers to by `used`; None outside the repository.

    Raises:
        DefinitionError: `used` is an invalid reference to another repository.
    """
    named = git_reference(used)
    if named is not None:
        return str(named)
    here = git_reference(file)
    path = inside(here.path if here else file, used)
    return str(GitReference(here.url, here.commit, path)) if here and path else path


def inside(file: str, used: str) -> str | None:
    """A path relative to a file's folder; None when it leaves the root folder."""
    if used.startswith("/") or "\0" in used:
        return None
    parts = file.split("/")[:-1]
    for part in used.split("/"):
        if part == ".." and parts[-1:] != [".."]:  # while linting locally, a file may lie above the current folder
            if parts in ([], [""]):
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
