"""Manifests of pods that people write: read with positions, looked at, and tried at the API server."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Protocol

from domain.clusters import pending
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.pods import form
from domain.pods import manifest as pod_manifest
from pipeline_defs.core import yaml_nodes
from pipeline_defs.core.diagnostics import Diagnostic, errors, sort

DRY_NAME = "dry-run"
"""Of a pod that is only tried."""


class Applies(Protocol):
    """A server that a manifest can be tried at."""

    def apply(self, manifest: Object, dry_run: bool = False) -> Object:
        """Server-side apply."""
        ...


@dataclass(frozen=True)
class ReadManifest:
    """A manifest with what was found in it; `manifest` is empty where it cannot be used."""

    manifest: Manifest = field(default_factory=dict)
    root: yaml_nodes.Node | None = None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def broken(self) -> bool:
        """Whether it cannot be used."""
        return bool(errors(self.diagnostics))


def read(text: str, file: str) -> ReadManifest:
    """One Pod, as YAML. `file`: its name in messages."""
    root, problems = yaml_nodes.read(text.encode("utf-8", "replace"), file)
    plain = root.plain() if root else None
    if root is None or problems:
        return ReadManifest(root=root, diagnostics=tuple(sort(problems)))
    if not isinstance(plain, dict) or plain.get("kind") != "Pod" or not isinstance(plain.get("spec"), dict):
        wrong = Diagnostic("SLW206", "not a Pod manifest", file, root.line, hint="write kind: Pod, and its spec")
        return ReadManifest(root=root, diagnostics=(wrong,))
    try:
        plain = json.loads(json.dumps(plain, allow_nan=False))  # numbers without the text that they were written as
    except ValueError:
        wrong = Diagnostic("SLW203", "a number that no server takes: it is infinite", file, root.line)
        return ReadManifest(root=root, diagnostics=(wrong,))
    found = []
    for one in form.remarks(plain):
        at = root.at(one.path)
        severity = "error" if one.is_error else "warning"
        found.append(
            Diagnostic(form.CODE, one.words, file, at.line, at.column, hint=one.fix, severity=severity)  # type: ignore[arg-type]
        )
    return ReadManifest(plain, root, tuple(sort(found)))


def tried(server: Applies, manifest: Object, namespace: str) -> str:
    """What the API server says to a dry run where it refuses; empty: it would take it.

    Raises:
        SluicewayError: it does not answer.
    """
    meta: Manifest = {**Node(manifest)["metadata"].object(), "name": DRY_NAME, "namespace": namespace}
    meta.pop("generateName", None)
    wanted = pod_manifest.with_ownership({**manifest, "metadata": meta}, DRY_NAME, namespace, "")
    try:
        server.apply({**wanted, "metadata": meta}, dry_run=True)
    except SluicewayError as refused:
        if not refused.status:
            raise
        return (refused.why or refused.what).replace(f'Pod "{DRY_NAME}" is invalid: ', "")
    return ""


def placed(root: yaml_nodes.Node | None, said: str, file: str) -> Diagnostic:
    """What the API server refused, at the line in the manifest that it is about."""
    where = root.at(pod_manifest.position(said)) if root else None
    line, column = (where.line, where.column) if where else (1, 1)
    return Diagnostic("SLW311", pending.refused(said), file, line, column)
