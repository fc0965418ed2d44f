"""Compiles a volume block to an action on a claim."""

from __future__ import annotations

from domain.volumes.volume import ACCESS, VolumeAction, VolumeSpec
from domain.volumes.volume_job import VolumeJob
from pipeline_defs.core.job_context import JobPart, PlanContext
from pipeline_defs.volumes.model import Volume


def compile_volume(block: Volume, context: PlanContext) -> JobPart:
    """The volume part of a planned job."""
    spec = VolumeSpec(
        block.name,
        block.namespace,
        size_gb=block.size_gb,
        storage_class=block.storage_class,
        access=tuple(one for one in ACCESS if one in block.access),
        host_path=block.host_path,
        reclaim=block.reclaim,
        from_snapshot=block.from_snapshot,
    )
    volume = VolumeJob(block.cluster, spec, VolumeAction(block.do), block.timeout, block.snapshot)
    return {"volume": volume}
