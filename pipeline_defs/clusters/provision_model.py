"""The block of a job that creates a cluster."""

from __future__ import annotations

from pydantic import Field

from pipeline_defs.core.blocks import Block, Value


class Provision(Block):
    """A cluster, created by a workflow of its own. An existing cluster of that name is reconciled with the file."""

    file: str = Field(min_length=1, description="A Cluster or ClusterTemplate, by path relative to this file.")
    name: str = Field(
        "", description="Name of the cluster; default: the Cluster's own, or one made of pipeline, run and job."
    )
    with_: dict[str, Value] = Field({}, description="Parameters of the template, known before the run.")
    ephemeral: bool = Field(
        False, description="The cluster must be new, and is deleted when the run ends, however it ends."
    )
