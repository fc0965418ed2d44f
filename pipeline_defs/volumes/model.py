"""The shape of a volume job."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from pipeline_defs.core.blocks import Block, Duration, Name

HOST_PATH = Annotated[str, Field(pattern=r"^(/.*)?$")]


def _plain(path: str) -> str:
    if ".." in path.split("/"):
        raise ValueError("a path on the nodes must not contain '..'")
    return path


class Volume(Block):
    """An action on a PersistentVolumeClaim."""

    cluster: str = Field(min_length=1, description="Name of a registered cluster.")
    namespace: Name = Field("default", description="Namespace of the claim.")
    name: Name = Field(description="Name of the claim.")
    do: Literal["create", "expand", "snapshot", "delete"] = Field("create", description="Action.")
    size_gb: float = Field(1, gt=0, le=65536, description="Requested size in GiB.")
    storage_class: str = Field("", description="Default: the cluster's default class.")
    access: list[Literal["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]] = Field(
        ["ReadWriteOnce"], min_length=1, description="Access modes."
    )
    host_path: Annotated[HOST_PATH, AfterValidator(_plain)] = Field(
        "", description="Directory on the nodes; a PersistentVolume is created from it for the claim."
    )
    reclaim: Literal["Retain", "Recycle", "Delete"] = Field(
        "Retain", description="What happens to that volume when the claim is deleted."
    )
    from_snapshot: str = Field("", description="Snapshot to restore from.")
    snapshot: bool = Field(True, description="Take a snapshot before deleting, if the cluster supports it.")
    timeout: Duration = Field(300.0, description="Time limit of the action.")
