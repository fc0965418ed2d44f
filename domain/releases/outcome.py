"""What a repository says of a service's environment: a file that the engine writes once a version is live there.

A release that goes back has written nothing, so there is nothing to take back; a rollback is a release of the version
before, and writes that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.core import digests
from domain.core.documents import Node
from domain.core.values import Json
from domain.releases.deployment import Deployment

ADDRESS = r"^(https://[^@\s/]+/\S+|ssh://[^\s:]+(:\d+)?/\S+|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\s:]\S*|file:///\S+)$"
"""Without a password: git's helpers and keys have it."""
BRANCH = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$"
PATH = r"^([A-Za-z0-9_{][A-Za-z0-9._{}-]*/){0,10}[A-Za-z0-9_{][A-Za-z0-9._{}-]*$"
"""No part begins with a dot: what a host of git takes for orders lies in such folders."""
DEFAULT_PATH = "released/{environment}/{service}.yaml"
MOST_SHOWN = 10
"""Applications in a sentence."""
MOST_BYTES = 10_000
"""Of the file; one that is larger was not written here."""
MARK = "Sluiceway-Release"
"""The trailer of its commits."""


@dataclass(frozen=True)
class GitOutcome:
    """Where a registered environment has its file."""

    repository: str
    branch: str
    path: str

    def path_of(self, deployment: Deployment) -> str:
        """Of one service: names hold nothing that leads elsewhere."""
        return self.path.replace("{service}", deployment.service).replace("{environment}", deployment.environment)


def of_document(body: Node) -> GitOutcome | None:
    """Of a registered document; None: nothing is written."""
    git = body["git"]
    if not git["repository"]:
        return None
    return GitOutcome(git["repository"].text(), git["branch"].text(), git["path"].text(DEFAULT_PATH))


def explained(git: GitOutcome | None, applications: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What holds, and why: sentences for people, as those of an environment's other rules."""
    if git is not None:
        yield f"what is live is written to {git.path} of {git.repository}, branch {git.branch}", "it is registered so"
    if applications:
        more = f" and {len(applications) - MOST_SHOWN} more" if len(applications) > MOST_SHOWN else ""
        yield f"its jobs may sync {', '.join(applications[:MOST_SHOWN])}{more}", "no other Application is registered"


NO_WEIGHTS = (
    "weights are not led by git: whatever is applied from there goes back to an older commit at any time, without a "
    "permit, and sends requests to a version that has ended. Name a `repository` for what is live"
)


def violation(path: str, branch: str) -> str:
    """What the patterns do not say; empty: nothing is wrong."""
    if ".." in branch or branch.endswith((".lock", "/", ".")) or "//" in branch or "/." in branch:
        return f"{branch} is no branch"
    named = path.replace("{service}", "s").replace("{environment}", "e")
    if "{" in named or not re.match(PATH, named):
        return "in a path, {service} and {environment} alone stand for something"
    return "" if "{service}" in path else "the path of a file needs {service}: each has its own"


@dataclass(frozen=True, kw_only=True)
class Released:
    """What is live, and since when."""

    release: str
    number: int
    deployment: Deployment
    at: float
    """Seconds since the epoch."""

    def is_newest(self, live: str) -> bool:
        """Whether the environment has this release as its latest. `live`: the instance that it says is live.

        A part of a release over many stands for the whole, whose instance has the release's number. What a file of
        the repository says is nobody's word: who may push writes any.
        """
        one = self.deployment
        return live == (f"r{self.number}" if one.cluster else one.instance)

    def document(self) -> bytes:
        """The file: YAML 1.2, every value as JSON writes it."""
        one, spec = self.deployment, self.deployment.spec
        name, _, digest = spec.image.partition("@")
        said: dict[str, Json] = {
            "service": one.service,
            "environment": one.environment,
            "version": spec.version,
            "release": self.release,
            "number": self.number,
            "image": name,
            "digest": digest,
            "rendered": spec.kubernetes.rendered if spec.kubernetes else "",
            "configuration": digests.digest({"env": dict(one.env), "secrets": dict(one.secrets)}),
            "commit": one.source.commit,
            "time": f"{datetime.fromtimestamp(int(self.at), UTC):%FT%TZ}",
        }
        lines = [f"{key}: {_scalar(value)}\n" for key, value in said.items() if value != ""]
        return "".join(
            ["# Written by the engine when a version is live; the next release replaces it.\n", *lines]
        ).encode()


def message(written: Sequence[Released], release: str) -> str:
    """Of the commit that writes them. `release`: the one that made all of them live."""
    names = [f"{one.deployment.service} {one.deployment.spec.version}" for one in written]
    subject = f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} live in {written[0].deployment.environment}"
    return f"{_plain(subject)[:200]}\n\n{MARK}: {release}\n"


def words(branch: str, said: Sequence[str], left: Sequence[str], commit: str) -> str:
    """What became of it. `said`: paths of the files that say what is live; `left`: those that a later release has."""
    one = (
        f"{', '.join(said)} {'says' if len(said) == 1 else 'say'} so in {branch}, commit {commit[:12]}" if said else ""
    )
    other = f"{', '.join(left)} {'was' if len(left) == 1 else 'were'} left to a later release" if left else ""
    return "; ".join(filter(None, (one, other)))


def _scalar(value: Json) -> str:
    return json.dumps(_plain(value) if isinstance(value, str) else value, ensure_ascii=False)


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
