"""Checks the plain manifests of a release where they stand: what it may not have is told with file and line.

Looked at are the files that a deploy block names; folders, kustomizations and charts are looked at when they are
rendered. What only an environment can allow is a warning here: which one it is, is known when the job runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from domain.core.documents import Node as Plain
from domain.releases import image_name
from domain.releases.deploy_spec import DeploySpec
from domain.releases.kubernetes.place import Place
from domain.releases.kubernetes.pods import CONTAINERS, pods
from domain.releases.kubernetes.prepared import prepared
from domain.releases.kubernetes.refusals import Refusal, refusals
from domain.releases.kubernetes.template import main_container
from pipeline_defs.core import yaml_nodes
from pipeline_defs.core.diagnostics import Diagnostic, Path
from pipeline_defs.core.job_context import JobContext
from pipeline_defs.core.yaml_nodes import Node
from pipeline_defs.releases import model
from pipeline_defs.releases.kubernetes_compile import kubernetes_spec

Severity: TypeAlias = Literal["error", "warning"]
CODE, TAG = "SLW705", "SLW707"
_MOVES = "'{}' is a tag, whose digest is looked up at each run: a later one may release other bytes"
_PINNED = "NAME@sha256:…, such as the output `reference` of a build job"
SUFFIXES = (".yaml", ".yml", ".json")
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
MAX_BYTES = 2_000_000
"""Of all files together; more is looked at when it is rendered."""
_MERGE_KEY = "SLW201"
"""YAML 1.2 has none, and manifests do: what is merged is looked at when it is rendered."""


@dataclass(frozen=True)
class _Found:
    file: str
    node: Node


def lint_manifests(block: model.Deploy, job: JobContext, path: Path) -> Iterator[Diagnostic]:
    """`path`: of the deploy block in the definition."""
    found: list[_Found] = []
    left = MAX_BYTES
    for at, name in enumerate(block.manifests):
        if not name.endswith(SUFFIXES):
            continue
        data = job.files.read_file(name)
        if data is None:
            where = (*path, "manifests", at)
            yield job.reporter.report("SLW601", f"file '{name}' does not exist", where, token=name)
            return
        left -= len(data)
        if left < 0:
            return
        nodes, broken = yaml_nodes.read_all(data, name)
        if told := [one for one in broken if one.code != _MERGE_KEY]:
            yield from told
            return
        found += [_Found(name, one) for node in nodes for one in _listed(node)]
    yield from _tags(block, found)
    is_whole = all(name.endswith(SUFFIXES) for name in block.manifests)
    yield from _refused(block, found, job, path, is_whole=is_whole)


def lint_image(block: model.Deploy, job: JobContext, path: Path) -> Iterator[Diagnostic]:
    """The block's own image, where it is written down; what an expression gives is known when the job runs."""
    if block.image and "${{" not in block.image and not image_name.is_pinned(block.image):
        where = (*path, "image")
        yield job.reporter.warning(TAG, _MOVES.format(block.image[:200]), where, block.image, _PINNED)


def _tags(block: model.Deploy, found: list[_Found]) -> Iterator[Diagnostic]:
    for place in found:
        for path, pod in pods(Plain(place.node.plain())):
            main = main_container(pod, block.service) if block.image else -1
            for key in CONTAINERS:
                for at, one in enumerate(pod[key]):
                    image = one["image"].text()
                    if image and not image_name.is_pinned(image) and (key, at) != ("containers", main):
                        node = place.node.at((*path, key, at, "image"))
                        where = (place.file, node.line, node.column)
                        yield Diagnostic(TAG, _MOVES.format(image[:200]), *where, hint=_PINNED, severity="warning")


def lint_sources(block: model.Deploy, job: JobContext, path: Path) -> Iterator[Diagnostic]:
    """A kustomization or a chart that is not there. What they give is looked at when it is rendered."""
    needed: list[tuple[Path, str, tuple[str, ...]]] = []
    if block.kustomize:
        needed.append((("kustomize",), block.kustomize, tuple(f"{block.kustomize}/{one}" for one in KUSTOMIZATIONS)))
    if chart := block.helm:
        if not chart.chart.endswith(".tgz"):
            needed.append((("helm", "chart"), chart.chart, (f"{chart.chart}/Chart.yaml",)))
        needed += [(("helm", "values", at), name, (name,)) for at, name in enumerate(chart.values)]
    for where, token, files in needed:
        if ".." not in token.split("/") and all(job.files.read_file(name) is None for name in files):
            yield job.reporter.report("SLW601", f"there is no {' or '.join(files)}", (*path, *where), token=token)


def _listed(node: Node) -> list[Node]:
    entries = node.entries or {}
    kind, items = entries.get("kind"), entries.get("items")
    return items.items if kind is not None and kind.value == "List" and items and items.items is not None else [node]


def _refused(
    block: model.Deploy, found: list[_Found], job: JobContext, path: Path, *, is_whole: bool
) -> Iterator[Diagnostic]:
    plain = [one.node.plain() for one in found]
    if all(isinstance(one, dict) for one in plain):
        try:
            spec = DeploySpec(service=block.service, image=block.image, kubernetes=kubernetes_spec(block))
            plain = [*prepared(spec, [one for one in plain if isinstance(one, dict)])]
        except ValueError as missing:
            if is_whole:
                yield job.reporter.report(CODE, str(missing), (*path, "migrate"))
            return
    for one in refusals(plain, Place()):
        if is_whole or not (one.index < 0 or one.allow.startswith("shared:")):
            yield _told(one, found, job, (*path, "manifests"))


def _told(one: Refusal, found: list[_Found], job: JobContext, path: Path) -> Diagnostic:
    severity: Severity = "warning" if one.allow else "error"
    hint = f"its environment has to allow it: {one.allow}" if one.allow else ""
    if not 0 <= one.index < len(found):
        said = job.reporter.report(CODE, one.words(), path, key=True)
        return Diagnostic(CODE, one.words(), said.file, said.line, said.column, hint=hint, severity=severity)
    place = found[one.index]
    node = place.node.key_at(one.path) if one.path else place.node
    message = f"{one.name}: {one.reason}" if one.name else one.reason
    return Diagnostic(CODE, message, place.file, node.line, node.column, hint=hint, severity=severity)
