"""Signs where the results of a job come from."""

from __future__ import annotations

from dataclasses import asdict

from activities.jobs.event import event_of
from activities.jobs.port import JobInput
from activities.source import git
from activities.supply_chain.attestations import Attestor
from activities.supply_chain.signing import key_id
from domain.core import ids
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.jobs.result import JobResult
from domain.pipelines.steps import ImageSpec
from domain.supply_chain import attestation
from domain.supply_chain.origin import Origin
from domain.triggers.repository_name import repository_name


def attest(attestor: Attestor | None, input: JobInput, result: JobResult, status: Node) -> None:
    """Signs provenance of images and artifacts, with the engine's key: no step can write it."""
    subjects = {f"{input.job.id}.{name}": digest for name, digest in result.artifacts.items()}
    for name in ("digest", "reference"):
        value = str(result.outputs.get(name, ""))
        if "sha256:" in value and input.job.image is not None:
            subjects["image" if name == "digest" else value] = value.rpartition("sha256:")[2]
    if attestor is None or not subjects:
        return
    built = attestation.Built(
        builder=key_id(attestor.signer.public_key()),
        run=input.run,
        job=input.job.id,
        attempt=input.attempt,
        repo=input.repo or input.source.repo,
        commit=input.source.commit,
        started_at=status["started_at"].number(),
        ended_at=status["ended_at"].number(),
        definition={
            "steps": [step.run for step in input.job.steps],
            "image": asdict(input.job.image or ImageSpec()),
        },
        origin=origin_of(input),
    )
    attestor.attest(attestation.PROVENANCE, subjects, attestation.provenance(built))


def origin_of(input: JobInput) -> Origin:
    """Where the job's run comes from, and which branch of that repository is the default one now."""
    event, repo = event_of(input), input.repo or input.source.repo
    try:
        default = git.default_branch(repo) if repo else ""
    except SluicewayError:
        default = ""
    return Origin(
        repository=repository_name(repo),
        pipeline=ids.split_run(input.run)[0],
        event=event.kind,
        branch=event.branch,
        tag=event.tag,
        default_branch=default,
    )
