"""The objects of a version, from the bytes that were rendered at its commit: the same for a rerun and a rollback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from activities.secrets.broker import Broker
from activities.storage.port import Store
from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import container, naming, pulls, scaling
from domain.releases.kubernetes.images import with_digests
from domain.releases.kubernetes.objects import ReleaseObjects, env_secret, owned, pull_secret, release_objects
from domain.releases.kubernetes.parts import Parts
from domain.releases.kubernetes.place import KubernetesSpec, SourceKind
from domain.releases.kubernetes.prepared import loaded, prepared
from domain.releases.kubernetes.refusals import refusals
from domain.releases.registries import Login


class Rendered:
    """Read from the store when they are first needed: to end a version takes its names only."""

    def __init__(self, spec: KubernetesSpec, deployment: Deployment, store: Store, secrets: Broker) -> None:
        self._spec, self._deployment, self._store, self._secrets = spec, deployment, store, secrets

    @cached_property
    def source(self) -> Sequence[Object]:
        """What the renderer kept, or what a container needs.

        Raises:
            SluicewayError: SLW962, these bytes are none of a renderer's; SLW801 and others, the store has none.
        """
        try:
            if not self._spec.rendered and self._spec.source.kind is SourceKind.CONTAINER:
                return prepared(self._deployment.spec, container.objects(self._deployment.spec))
            return with_digests(loaded(self._store.get(self._spec.rendered)), self._spec.digests)
        except (ValueError, RecursionError) as broken:
            raise self._unreadable(broken) from broken

    @property
    def workload(self) -> str:
        """What its source calls the Deployment."""
        return metadata.name(Parts.of(self.source).workload)

    def refusals(self) -> list[str]:
        """Why these objects may not be a release to this place; empty: they may."""
        return [one.words() for one in refusals(self.source, self._spec.place)]

    @cached_property
    def made(self) -> ReleaseObjects:
        """The release's own objects, which the policy of kinds lets through.

        Raises:
            RefusedError: SLW963, it does not.
            SluicewayError: SLW962, they are no set of objects around one Deployment.
        """
        if found := self.refusals():
            what = f"the objects of {self._deployment.service} may not be a release to {self._deployment.environment}"
            raise RefusedError("SLW963", what, why="; ".join(found[:3]))
        try:
            return release_objects(self._deployment, self.source)
        except (ValueError, TypeError, RecursionError) as broken:
            raise self._unreadable(broken) from broken

    def _unreadable(self, broken: Exception) -> SluicewayError:
        what = f"the rendered objects of {self._deployment.service} cannot be read"
        return SluicewayError("SLW962", what, why=str(broken)[:300])

    def count(self, instances: int) -> int:
        """How many pods are asked for; 0: as many as the source says."""
        return instances or scaling.floor(self.made.workload, self.made.autoscaler)

    def standing(self, uid: str, count: int) -> Iterator[Object]:
        """All but the root, owned by it, for so many pods. `uid`: of the root."""
        yield from self.given(uid)
        yield from self.made_of(uid, count)

    def given(self, uid: str) -> Iterator[Object]:
        """What pods read, those of hooks as well: configuration, the job's secrets, and what they pull with.

        Raises:
            RefusedError: SLW041, no rule gives the release one of its secrets.
        """
        root = metadata.name(self.made.root)
        if self._logins:
            values = self._secrets.values({one.secret: one.secret for one in self._logins}, self._deployment.use)
            yield owned(pull_secret(self._deployment, self._logins, values), root, uid)
        if self._deployment.secrets:
            values = self._secrets.values(self._deployment.secrets, self._deployment.use)
            yield owned(env_secret(self._deployment, values), root, uid)
        for one in self.made.config:
            yield owned(one, root, uid)

    def made_of(self, uid: str, count: int) -> Iterator[Object]:
        """What is left of `standing`, for which no secret is read."""
        for one in self.made.standing():
            if one not in self.made.config:
                yield owned(scaling.scaled(one, count), metadata.name(self.made.root), uid)

    @property
    def has_secrets(self) -> bool:
        """Whether Secrets are made for it that no source has: of the job's secrets, or to pull with."""
        return bool(self._deployment.secrets or self._logins)

    @property
    def _logins(self) -> tuple[Login, ...]:
        return () if self._spec.place.pull_secret else pulls.logins(self._deployment, self.source)

    def withheld(self) -> str:
        """Why it may not have the secrets that it needs; empty: it may."""
        try:
            self._secrets.check({one.secret: one.secret for one in self._logins}, self._deployment.use)
        except RefusedError as refused:
            return f"{refused.what}: {refused.why}; {refused.advice}"
        return ""

    def is_env(self, one: Object) -> bool:
        """Whether it is the Secret with the values of the job's secrets."""
        return metadata.name(one) == naming.env_name(self._deployment)

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


def is_as_applied(one: Object, live: Object) -> bool:
    """Whether the live object was made of the same content, by this engine or an earlier one."""
    return metadata.annotations(live).get(naming.STATE) == metadata.annotations(one).get(naming.STATE)
