"""OCI images through the Docker SDK: a context and a Dockerfile in, a name and a digest out."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

import docker
from docker.errors import APIError, BuildError, DockerException

from domain.errors import SluicewayError
from domain.pipeline import ImageSpec


class DockerImageBuilder:
    """Talks to the daemon that DOCKER_HOST names, or the local socket. Connects when first used."""

    def build(self, spec: ImageSpec, workspace: Path, labels: Mapping[str, str]) -> tuple[str, str]:
        context = (workspace / spec.context).resolve()
        if not context.is_relative_to(workspace.resolve()):
            raise SluicewayError("SLW843", f"the image's context '{spec.context}' is outside the workspace")
        tag = (
            spec.tag
            or f"sluiceway/{labels.get('dev.sluiceway.pipeline', 'image')}:{labels.get('dev.sluiceway.run', '0')}"
        )
        try:
            with contextlib.closing(docker.from_env()) as client:
                image, _ = client.images.build(
                    path=str(context),
                    dockerfile=spec.dockerfile,
                    tag=tag,
                    labels=dict(labels),
                    buildargs=dict(spec.build_args),
                    rm=True,
                    forcerm=True,
                    pull=False,
                )
        except BuildError as broken:
            log = "".join(str(line.get("stream", "")) for line in broken.build_log)[-2000:]
            raise SluicewayError("SLW844", f"the image cannot be built: {broken.msg}", why=log) from broken
        except (APIError, DockerException, TypeError) as broken:
            raise SluicewayError("SLW841", "Docker cannot build the image", why=str(broken)) from broken
        return tag, str(image.id)
