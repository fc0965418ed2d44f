"""What a job claims from the signer before its effects."""

from __future__ import annotations

from activities.core import serialization as serial
from activities.jobs.port import JobInput
from domain.authority.permit import Claim, Effect
from domain.core.documents import Manifest, Node


def execution(input: JobInput) -> Claim:
    """The steps of a job, with all that decides what they do."""
    job = Node(serial.dump_plain(input.job, exclude_defaults=True))
    what: Manifest = {
        "job": job.object(),
        "source": {"repo": input.source.repo, "commit": input.source.commit},
        "artifacts": input.artifacts,
    }
    return Claim(
        effect=Effect.EXEC, subject=input.job.id, what=what, run=input.run, job=input.job.id, attempt=input.attempt
    )


def publication(input: JobInput) -> Claim:
    """An image that leaves the machine."""
    image = input.job.image
    tag = image.tag if image else ""
    what: Manifest = {"image": tag, "commit": input.source.commit}
    return Claim(effect=Effect.PUBLISH, subject=tag, what=what, run=input.run, job=input.job.id, attempt=input.attempt)
