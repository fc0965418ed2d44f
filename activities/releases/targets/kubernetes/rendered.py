"""The objects of a version, from the bytes that were rendered at its commit: the same for a rerun and a rollback."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property

from activities.secrets.broker import Broker
from activities.storage.port import Store
from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import container, scaling
from domain.releases.kubernetes.objects import ReleaseObjects, env_secret, owned, release_objects
from domain.releases.kubernetes.place import KubernetesSpec, SourceKind

MAX_BYTES = 8_000_000
"""Of rendered objects; the renderer's own limit is lower."""


class Rendered:
    """Read from the store when they are first needed: to end a version takes its names only."""

    def __init__(self, spec: KubernetesSpec, deployment: Deployment, store: Store, secrets: Broker) -> None:
        self._spec, self._deployment, self._store, self._secrets = spec, deployment, store, secrets

    @cached_property
    def made(self) -> ReleaseObjects:
        """Raises:
        SluicewayError: SLW962, what was rendered is no set of objects of one Deployment.
        """
        try:
            return release_objects(self._deployment, self._source())
        except (ValueError, TypeError, RecursionError) as broken:
            what = f"the rendered objects of {self._deployment.service} cannot be read"
            raise SluicewayError("SLW962", what, why=str(broken)[:300]) from broken

    def _source(self) -> Sequence[Object]:
        if not self._spec.rendered and self._spec.source.kind is SourceKind.CONTAINER:
            return container.objects(self._deployment.spec)
        data = self._store.get(self._spec.rendered)
        if len(data) > MAX_BYTES:
            raise ValueError(f"{len(data)} bytes are more than {MAX_BYTES}")
        return [one.object() for one in Node({"all": json.loads(data)}).need_list("all")]

    def count(self, instances: int) -> int:
        """How many pods are asked for; 0: as many as the source says."""
        return instances or scaling.floor(self.made.workload, self.made.autoscaler)

    def standing(self, uid: str, count: int) -> Iterator[Object]:
        """All but the root, owned by it, for so many pods. `uid`: of the root."""
        root = metadata.name(self.made.root)
        if self._deployment.secrets:
            values = self._secrets.values(self._deployment.secrets, self._deployment.use)
            yield owned(env_secret(self._deployment, values), root, uid)
        for one in self.made.standing():
            yield owned(scaling.scaled(one, count), root, uid)

    def hook(self, name: str, uid: str) -> Object | None:
        """The Job of a hook; None: the version has none."""
        found = self.made.hooks.get(name)
        if found is None:
            return None
        spec = {"backoffLimit": 0, **Node(found)["spec"].object()}  # it runs at most once, unless it says otherwise
        return owned({**found, "spec": spec}, metadata.name(self.made.root), uid)


def is_immutable(one: Object) -> bool:
    """Whether its content can never be applied otherwise: a ConfigMap or Secret of a release."""
    return Node(one)["immutable"].value is True
