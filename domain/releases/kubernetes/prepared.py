"""Rendered objects with what the deploy block says of them: which Jobs are migrations. Their bytes are what is kept."""

from __future__ import annotations

import json
from collections.abc import Sequence

from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.core.values import Json
from domain.releases.deploy_spec import DeploySpec
from domain.releases.kubernetes import container
from domain.releases.kubernetes.parts import HOOK
from domain.releases.kubernetes.place import Migration


def prepared(spec: DeploySpec, rendered: Sequence[Object]) -> list[Object]:
    """The objects with their migrations.

    Raises:
        ValueError: no Job has the name that the deploy block gives.
    """
    told = spec.kubernetes
    found = list(rendered)
    for hook, migration in (("expand", told and told.expand), ("contract", told and told.contract)):
        if isinstance(migration, Migration):
            found = _with(found, hook, migration, spec)
    return found


def _with(objects: list[Object], hook: str, migration: Migration, spec: DeploySpec) -> list[Object]:
    if migration.command:
        return [*objects, container.hook_job(spec, hook, migration.command)]
    jobs = [at for at, one in enumerate(objects) if _is_job(one) and metadata.name(one) == migration.job]
    if not jobs:
        raise ValueError(f"migrate.{hook} names the Job {migration.job[:63]!r}, and the source has none of this name")
    marked = metadata.marked(objects[jobs[0]], annotations={HOOK: hook})
    return [*objects[: jobs[0]], marked, *objects[jobs[0] + 1 :]]


def _is_job(one: Object) -> bool:
    return (Node(one)["apiVersion"].text(), Node(one)["kind"].text()) == ("batch/v1", "Job")


def dumped(objects: Json) -> bytes:
    """The bytes whose digest a release is bound to: equal objects have equal bytes.

    Raises:
        ValueError: a number is none of JSON, or a text is no Unicode.
    """
    text = json.dumps(objects, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def loaded(data: bytes) -> list[Object]:
    """What `dumped` made.

    Raises:
        ValueError: it did not make this.
    """
    found = json.loads(data)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError("these bytes hold no objects")
    return found
