"""pod: runs, lists, shows, executes in and deletes pods."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.clusters import pending
from domain.clusters.access import Access
from domain.core import ids as keys
from domain.core.documents import Manifest, Node
from domain.core.errors import DefinitionError, SluicewayError
from domain.pods import manifest as pod_manifest
from domain.pods.manifest import PodSpec
from domain.pods.status import PodPhase
from domain.secrets.rules import SecretUse
from workers.cli.common import as_json, print_json, store, with_clusters
from workers.cli.exec_sessions import open_
from workers.cli.recorded import recorded
from workers.core.settings import current
from workers.views.output import out, out_log

if TYPE_CHECKING:
    from workers.client.clusters import Clusters
    from workflows.clusters.messages import ClusterState
    from workflows.pods.messages import PodResult

POLL_S = 0.2
namespaced = click.option("-n", "--namespace", default="default", help="Namespace.")
attempted = click.option("--attempt", default=1, help="Attempt.")


@click.group("pod")
def pod() -> None:
    """Run, list, exec into and delete pods."""


@pod.command("run")
@click.argument("cluster")
@click.argument("name")
@click.option("--image", default="", help="Image to run.")
@click.option("--file", type=click.Path(path_type=Path), help="Pod manifest, instead of --image.")
@click.option("--env", multiple=True, metavar="NAME=VALUE", help="Environment variable; repeatable.")
@click.option(
    "--secret",
    multiple=True,
    metavar="VARIABLE=SECRET",
    help="Environment variable with a secret that `sluiceway secret set --by-hand` keeps; repeatable.",
)
@click.option("--port", "ports", multiple=True, type=int, help="Container port; repeatable.")
@click.option("--cpu", default=0.0, help="CPU limit in cores; 0: none.")
@click.option("--memory-mb", default=0, help="Memory limit; 0: none.")
@click.option("--mount", multiple=True, metavar="PATH=FILE", help="Mount FILE as /etc/sluiceway/PATH.")
@click.option("--timeout", default=3600.0, help="Seconds until it must have ended.")
@click.option(
    "--idempotent", is_flag=True, help="Safe to run twice: it may be recreated while its node is unreachable."
)
@click.option("--pull", type=click.Choice(["Always", "IfNotPresent", "Never"]), default="IfNotPresent")
@namespaced
@attempted
@click.option("--wait/--no-wait", default=True, help="Wait for it to end, and print its logs.")
@click.argument("command", nargs=-1)
@recorded(Action.CLUSTERS_CHANGE, ResourceKind.CLUSTER, "cluster")
def run(
    cluster: str,
    name: str,
    image: str,
    file: Path | None,
    env: tuple[str, ...],
    secret: tuple[str, ...],
    ports: tuple[int, ...],
    cpu: float,
    memory_mb: int,
    mount: tuple[str, ...],
    timeout: float,
    idempotent: bool,
    pull: str,
    namespace: str,
    attempt: int,
    wait: bool,
    command: tuple[str, ...],
) -> None:
    """Run a pod in CLUSTER, from an image and COMMAND or from a manifest.

    It runs as nobody, without privileges and without a service account token. Exit code: that of the pod, or 1.
    """
    from workflows.pods.messages import PodInput

    if bool(image) == bool(file):
        raise DefinitionError("SLW501", "pass either --image or --file")
    state = with_clusters(current(), lambda clusters: clusters.view(cluster))
    access = _access(state)
    files = {path: _text(Path(source)) for path, source in _pairs(mount)}
    hidden = dict(_pairs(secret))
    spec = PodSpec(image, command, env=dict(_pairs(env)), ports=ports, pull=pull, files=files)
    spec = replace(spec, cpu=cpu, memory_mb=memory_mb, secrets=tuple(hidden))
    manifest = _checked(file, access, cluster, namespace) if file else pod_manifest.manifest(spec)
    given = PodInput(access, cluster, namespace, name, manifest, files=files, secrets=hidden)
    given = replace(given, use=SecretUse(by_hand=True))
    given = replace(given, attempt=attempt, timeout_s=timeout, idempotent=idempotent)
    id_ = with_clusters(current(), lambda clusters: clusters.start_pod(given))
    out(id_, err=True)
    if wait:
        _follow(id_)


def _access(state: ClusterState) -> Access:
    if not state.reference:
        raise SluicewayError("SLW949", f"cluster {state.spec.name} is {state.status}, and is not reachable")
    return Access(state.reference, state.spec.context)


def _pairs(given: tuple[str, ...]) -> list[tuple[str, str]]:
    for one in given:
        if "=" not in one:
            raise DefinitionError("SLW501", f"'{one}' is not NAME=VALUE")
    return [(one.partition("=")[0], one.partition("=")[2]) for one in given]


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as broken:
        raise DefinitionError("SLW601", "the file cannot be read", where=str(path), why=str(broken)) from broken


def _checked(file: Path, access: Access, cluster: str, namespace: str) -> Manifest:
    """The manifest, after a server-side dry run. Errors are reported with the line in the file."""
    from activities.kubernetes.client import Kube
    from activities.kubernetes.discovery import discovery
    from pipeline_defs.core import yaml_nodes as yaml_source
    from pipeline_defs.core.diagnostics import Diagnostic, InvalidDefinitionError

    root, problems = yaml_source.read(_text(file).encode(), str(file))
    plain = root.plain() if root else None
    if root is None or problems:
        raise InvalidDefinitionError(problems)
    if not isinstance(plain, dict) or plain.get("kind") != "Pod" or not isinstance(plain.get("spec"), dict):
        raise InvalidDefinitionError([Diagnostic("SLW206", "not a Pod manifest", str(file), root.line)])
    tried = {**plain, "metadata": {**Node(plain)["metadata"].object(), "name": "dry-run", "namespace": namespace}}
    try:
        Kube(access, discovery(current().clusters, cluster)).apply(tried, dry_run=True)
    except SluicewayError as refused:
        where = root.at(pod_manifest.position(refused.why))
        said = pending.refused(refused.why)
        raise InvalidDefinitionError([Diagnostic("SLW311", said, str(file), where.line, where.column)]) from refused
    return plain


def _follow(id_: str) -> None:
    async def follow(clusters: Clusters) -> PodResult:
        told = 0
        while True:
            view = await clusters.pod(id_)
            for one in view.transitions[told:]:
                at = datetime.fromtimestamp(one.at).astimezone()
                out(f"  {at:%H:%M:%S}  {one.phase}{f': {one.reason}' if one.reason else ''}", err=True)
            told = len(view.transitions)
            if view.transitions and view.transitions[-1].phase is PodPhase.GONE:
                return await clusters.pod_result(id_)
            await asyncio.sleep(POLL_S)

    result = with_clusters(current(), follow)
    if result.logs:
        for line in _plain(store(current()).get(result.logs).decode("utf-8", "replace")).splitlines():
            out_log((), line)
    if result.gap:
        out(f"logs are missing: {result.gap}", err=True)
    if result.phase is not PodPhase.SUCCEEDED:
        out(f"{id_} {result.phase}: {result.reason or f'exit code {result.exit_code}'}", err=True)
        raise click.exceptions.Exit(result.exit_code if result.exit_code > 0 else 1)


def _plain(text: str) -> str:
    """Without the timestamps at the start of lines."""
    return "".join(line.partition(" ")[2] if line[:2] == "20" else line for line in text.splitlines(keepends=True))


@pod.command("list")
@click.argument("cluster", required=False, default="")
@as_json
def list_(cluster: str, json_: bool) -> None:
    """List running pods."""

    async def all_(clusters: Clusters) -> list[tuple[str, PodResult]]:
        return [(id_, await clusters.pod(id_)) for id_ in await clusters.pods(cluster)]

    found = with_clusters(current(), all_)
    if json_:
        print_json([{"id": id_, **asdict(view)} for id_, view in found])
        return
    for id_, view in found:
        out(f"{id_:<48} {view.phase:<10} {view.node:<24} {view.reason}".rstrip())


@pod.command("show")
@click.argument("cluster")
@click.argument("name")
@namespaced
@attempted
@as_json
def show(cluster: str, name: str, namespace: str, attempt: int, json_: bool) -> None:
    """Show the status of a pod, and its history."""
    id_ = keys.pod_id(cluster, namespace, name, attempt)
    view = with_clusters(current(), lambda clusters: clusters.pod(id_))
    if json_:
        print_json(asdict(view))
        return
    out(f"{id_}  {view.phase}  {view.reason}".rstrip())
    for one in view.transitions:
        at = datetime.fromtimestamp(one.at).astimezone()
        out(f"  {at:%H:%M:%S}  {one.phase}{f': {one.reason}' if one.reason else ''}")


@pod.command("delete")
@click.argument("cluster")
@click.argument("name")
@namespaced
@attempted
@recorded(Action.CLUSTERS_CHANGE, ResourceKind.CLUSTER, "cluster")
def delete(cluster: str, name: str, namespace: str, attempt: int) -> None:
    """Delete a pod. Its logs are saved first."""
    id_ = keys.pod_id(cluster, namespace, name, attempt)

    async def end(clusters: Clusters) -> PodResult:
        await clusters.end_pod(id_)
        return await clusters.pod_result(id_)

    result = with_clusters(current(), end)
    out(f"{id_} {result.phase}: {result.reason}")


pod.add_command(open_)
