"""The shape of jobs that sync an Application of Argo CD, and of how an environment names one."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline_defs.core.blocks import Block, Duration, Name, Text

ObjectName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$", examples=["shop"])]
Application = Annotated[
    str,
    Field(pattern=r"^[a-z0-9-]{1,63}/[a-z0-9.-]{1,253}/[a-z0-9.-]{1,253}$", examples=["management/argocd/shop"]),
]


class ArgocdSync(Block):
    """A sync of an Application, up to its health. The job's environment must be registered with the Application."""

    application: ObjectName = Field(description="Name of the Application.")
    namespace: ObjectName = Field("argocd", description="Its namespace.")
    cluster: Name = Field(description="The cluster that Argo CD runs in.")
    revision: Text = Field("", description="A commit, branch or tag; default: what the Application follows.")
    timeout: Duration = Field(600.0, gt=0, description="Time limit until it is synced and healthy.")
