"""Plans as the signer reads them: sent along with a question, and believed by their digests alone."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping

from activities.core import serialization as serial
from domain.approvals.scope import Scope
from domain.core.documents import Node, Object
from domain.core.errors import RefusedError
from domain.pipelines.job import Job
from domain.releases.deploy_spec import DeploySpec
from domain.releases.kubernetes import container
from domain.releases.kubernetes.place import KubernetesSpec, SourceKind
from domain.releases.kubernetes.prepared import loaded, prepared

KEPT = 64
"""Plans in memory; others are asked for again."""


class NeededError(Exception):
    """Objects of the store that the question must bring along."""

    def __init__(self, digests: tuple[str, ...]) -> None:
        super().__init__(", ".join(digests))
        self.digests = digests


class Plans:
    """The jobs of a plan by its digest."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Job, ...]] = OrderedDict()

    def jobs(self, digest: str, blobs: Mapping[str, str]) -> tuple[Job, ...]:
        """Raises:
        NeededError: the plan is not known, and the blobs do not hold it.
        RefusedError: SLW011, a blob is not what its digest says.
        """
        if digest in self._kept:
            self._kept.move_to_end(digest)
            return self._kept[digest]
        index = Node(json.loads(_checked(digest, blobs)))
        pages = [page.text() for page in index["pages"]]
        if missing := tuple(page for page in pages if page not in blobs):
            raise NeededError((digest, *missing))
        jobs = tuple(job for page in pages for job in serial.load(tuple[Job, ...], _checked(page, blobs)))
        self._kept[digest] = jobs
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return jobs

    def blob(self, digest: str, blobs: Mapping[str, str]) -> str:
        """An object of the store, as text.

        Raises:
            NeededError: the blobs do not hold it.
            RefusedError: SLW011, it is not what its digest says.
        """
        return _checked(digest, blobs)

    def objects(self, spec: DeploySpec, blobs: Mapping[str, str]) -> list[Object]:
        """What a release to a cluster was rendered to; of a single image, what it is made to.

        Raises:
            NeededError: the blobs do not hold it.
            RefusedError: SLW011, it is not what its digest says; SLW963, it is no list of objects.
        """
        known = spec.kubernetes or KubernetesSpec()
        try:
            if known.rendered:
                return loaded(_checked(known.rendered, blobs).encode())
            if known.source.kind is SourceKind.CONTAINER:
                return prepared(spec, container.objects(spec))
        except (ValueError, RecursionError) as wrong:
            raise RefusedError("SLW963", "the rendered objects cannot be read", why=str(wrong)[:200]) from wrong
        raise RefusedError("SLW963", f"nothing was rendered for {spec.service}")

    def scope(self, digest: str, blobs: Mapping[str, str]) -> Scope:
        """The document that an approval was given for.

        Raises:
            NeededError: the blobs do not hold it.
            RefusedError: SLW011, it is not what its digest says.
        """
        return serial.load(Scope, _checked(digest, blobs))


def _checked(digest: str, blobs: Mapping[str, str]) -> str:
    if digest not in blobs:
        raise NeededError((digest,))
    if hashlib.sha256(blobs[digest].encode()).hexdigest() != digest:
        raise RefusedError("SLW011", f"what was sent as {digest[:12]} is something else")
    return blobs[digest]
