"""What the pod of a job and its supervisor need to meet: files by digest, a token, and where the endpoint is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from activities.core.files import write_atomically
from activities.jobs import agent_tokens
from activities.jobs.agent_certificate import AgentCertificate
from activities.jobs.executors.kubernetes import files as pod_files
from domain.core.documents import Node
from domain.jobs import agent
from domain.jobs.agent import AgentPlace, AgentSpec

ARCHIVE = "files.tar"
SPEC = "agent-spec.json"
Secrets = Callable[[], Sequence[bytes]]
"""The keys that all workers of an installation have, the newest one last."""


@dataclass(frozen=True)
class Agents:
    """Of one installation. `keys`: the folder with the certificate of its endpoint."""

    keys: Path
    place: AgentPlace
    secrets: Secrets = tuple
    """Mark the pods of its jobs; without any, no pod is known again."""

    def given(self, key: str, folder: Path, root: str, look: Sequence[str]) -> str:
        """Prepares the job's folder for its agent; returns the settings of the agent, which hold the token.

        `root`: the job's folder as the steps see it. `look`: as in `AgentSpec`.
        """
        archive = folder / ARCHIVE
        with archive.open("wb") as file:
            pod_files.pack(file, folder)
        with archive.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        spec: AgentSpec = {"files": digest, "root": root, "look": list(look)}
        write_atomically(folder / SPEC, json.dumps(spec))
        token = agent_tokens.made(key)
        agent_tokens.allow(folder, token, (folder / "permit").read_text())
        return agent.settings(self.place, AgentCertificate(self.keys).pin, token, root)


def spec_of(folder: Path) -> AgentSpec | None:
    """What `given` has prepared; None: the job has no agent."""
    path = folder / SPEC
    if not path.exists():
        return None
    known = Node(json.loads(path.read_text()))
    return {"files": known["files"].text(), "root": known["root"].text(), "look": known["look"].texts()}
