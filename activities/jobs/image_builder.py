"""Builds OCI images through the Docker SDK: context and Dockerfile in, name and digests out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import docker
from docker.errors import APIError, DockerException

from activities.docker.daemon import client_of
from activities.jobs import container_networks as networks
from activities.jobs.container_networks import ContainerNetwork
from activities.jobs.port import Built, ProgressCallback
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.core.masking import Masker
from domain.core.values import Json
from domain.jobs.isolation import Network, Reach
from domain.pipelines.steps import ImageSpec


class DockerImageBuilder:
    """Uses the daemon at DOCKER_HOST, or the local socket. Connects on first use."""

    def __init__(self, network: Network = Network.OPEN) -> None:
        """`network`: what the commands of Dockerfiles reach, at most."""
        self._network = network

    def build(
        self,
        spec: ImageSpec,
        workspace: Path,
        labels: Mapping[str, str],
        told: ProgressCallback,
        network: Network = Network.MACHINE,
        login: Mapping[str, str] | None = None,
    ) -> Built:
        """The context and its Dockerfile must lie in the workspace, links resolved (SLW843)."""
        context = _inside(workspace, workspace / spec.context, f"context '{spec.context}'")
        for name, what in ((spec.dockerfile, f"Dockerfile '{spec.dockerfile}'"), (".dockerignore", ".dockerignore")):
            read = _inside(workspace, context / name, what)
            if read.exists() and not read.is_file():  # the client would wait for a pipe's writer
                raise SluicewayError("SLW843", f"the image's {what} is not a file", fix="commit it as a regular file")
        tag = spec.tag or _tag(labels)
        try:
            with client_of(timeout_s=600) as client:
                where = _network(client, Reach(self._network).limited(network, None).network)
                told(where.told)
                events = client.api.build(
                    path=str(context),
                    tag=tag,
                    dockerfile=spec.dockerfile,
                    labels=dict(labels),
                    buildargs=dict(spec.build_args),
                    rm=True,
                    forcerm=True,
                    pull=False,
                    network_mode=where.name,
                    decode=True,
                )
                _follow(events, told, "SLW844", "the image cannot be built")
                digest = str(client.images.get(tag).id)
                return Built(tag, digest, _push(client, tag, told, login) if spec.push else "")
        except (APIError, DockerException, TypeError, OSError) as broken:
            raise SluicewayError("SLW841", "Docker cannot build the image", why=str(broken)) from broken


def _network(client: docker.DockerClient, network: Network) -> ContainerNetwork:
    """Nothing offers a proxy to the commands of a Dockerfile: they have no network then."""
    isolated = network in (Network.PROXY, Network.NONE)
    return networks.alone(client, isolated=isolated, apart=network is not Network.MACHINE)


def _inside(workspace: Path, path: Path, what: str) -> Path:
    """The path without links: the client would read a file of the machine into the context."""
    found = path.resolve()
    if not found.is_relative_to(workspace.resolve()):
        raise SluicewayError(
            "SLW843", f"the image's {what} is outside the workspace", fix="use a path inside the repository"
        )
    return found


def _tag(labels: Mapping[str, str]) -> str:
    return f"sluiceway/{labels.get('dev.sluiceway.pipeline', 'image')}:{labels.get('dev.sluiceway.run', '0')}"


def _push(client: docker.DockerClient, tag: str, told: ProgressCallback, login: Mapping[str, str] | None) -> str:
    """`NAME@sha256:…` with the registry's digest."""
    events = client.api.push(tag, stream=True, decode=True, auth_config=dict(login) if login else None)
    masked = Masker([login["password"]] if login else []).text  # a registry may say what it was sent
    told_of = _follow(events, told, "SLW840", f"{tag} cannot be pushed", masked)
    digests = [aux["Digest"].text() for aux in told_of if aux["Digest"]]
    if not digests:
        raise SluicewayError("SLW840", f"{tag} cannot be pushed", why="the registry returned no digest")
    repository, colon, after = tag.rpartition(":")
    return f"{repository if colon and '/' not in after else tag}@{digests[-1]}"


def _follow(
    events: Iterable[Json], told: ProgressCallback, code: str, what: str, masked: Callable[[str], str] = str
) -> list[Node]:
    """Logs the daemon's messages; returns its other output.

    Raises:
        SluicewayError: with the code, when the daemon reports an error.
    """
    said: list[str] = []
    found: list[Node] = []
    seen: set[str] = set()
    for event in map(Node, events):
        for line in event["stream"].text().splitlines():
            if line := masked(line).rstrip():
                told(line)
                said.append(line)
        if status := event["status"].text():
            words = masked(f"{status} {event['id'].text()}".rstrip())
            told("" if words in seen else words)  # progress messages arrive many times a second
            seen.add(words)
        if error := event["error"].text():
            raise SluicewayError(code, f"{what}: {masked(error)}", why="\n".join(said)[-2000:])
        if event["aux"]:
            found.append(event["aux"])
    return found
