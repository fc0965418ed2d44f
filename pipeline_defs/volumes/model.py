"""The shape of a job that manages a volume."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from pipeline_defs.core.blocks import Block, Duration, Name

HOST_PATH = Annotated[str, Field(pattern=r"^(/.*)?$")]


def _plain(path: str) -> str:
    if ".." in path.split("/"):
        raise ValueError("a path of the nodes is written out, without '..'")
    return path


class Volume(Block):
    """One action on a claim of a cluster."""

    cluster: str = Field(min_length=1, description="A cluster that is known here.")
    namespace: Name = Field("default", description="Of the claim.")
    name: Name = Field(description="Of the claim.")
    do: Literal["create", "expand", "snapshot", "delete"] = Field("create", description="What is done.")
    size_gb: float = Field(1, gt=0, le=65536, description="GiB that are wanted.")
    storage_class: str = Field("", description="Default: the cluster's own.")
    access: list[Literal["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]] = Field(
        ["ReadWriteOnce"], min_length=1, description="How it may be mounted."
    )
    host_path: Annotated[HOST_PATH, AfterValidator(_plain)] = Field(
        "", description="A folder of the nodes; a volume of it is made for the claim."
    )
    reclaim: Literal["Retain", "Recycle", "Delete"] = Field(
        "Retain", description="What becomes of that volume when the claim goes."
    )
    from_snapshot: str = Field("", description="A snapshot that it begins with.")
    snapshot: bool = Field(True, description="Before it is deleted, a snapshot is made, where the cluster can.")
    timeout: Duration = Field(300.0, description="How long the action may take.")
