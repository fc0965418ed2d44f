"""The Services that routes name: one of each version, and a second one for its preview, which is counted apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from activities.kubernetes.port import ApplyApi
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.core.values import Json
from domain.releases.kubernetes.http_route import PORT, service_of
from domain.releases.kubernetes.naming import TRAFFIC


@dataclass(frozen=True)
class VersionServices:
    """Of one service in one namespace; blocking."""

    kube: ApplyApi
    namespace: str
    service: str

    def gone(self, instances: Iterable[str]) -> list[str]:
        """Those without a Service."""
        return [instance for instance in instances if self._of(instance) is None]

    def ports(self, instances: Iterable[str]) -> dict[str, int]:
        """Instance to the port of its Service.

        Raises:
            SluicewayError: SLW865, one has no Service.
        """
        return {one: Node(self._need(one)).at("spec", "ports").first()["port"].whole(PORT) for one in instances}

    def wire(self, instance: str) -> list[Json]:
        """The ports of its Service, for another Service of the same pods.

        Raises:
            SluicewayError: SLW865, it has no Service.
        """
        kept = ("name", "port", "targetPort", "protocol", "appProtocol")
        return [
            {key: port[key].value for key in kept if port[key]}
            for port in Node(self._need(instance)).at("spec", "ports")
        ]

    def with_previews(self, instances: Iterable[str]) -> None:
        """Gives each its preview Service, which ends with the version's own.

        Raises:
            SluicewayError: SLW865, one has no Service.
        """
        for instance in instances:
            self.kube.apply(self._preview(instance), manager=TRAFFIC)

    def _preview(self, instance: str) -> Manifest:
        own = Node(self._need(instance))
        about, spec = own["metadata"], own["spec"]
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {
                "name": service_of(self.service, instance, preview=True),
                "namespace": self.namespace,
                "labels": about["labels"].object(),
                "ownerReferences": [owner.value for owner in about["ownerReferences"]],
            },
            "spec": {"selector": spec["selector"].object(), "ports": self.wire(instance)},
        }

    def _need(self, instance: str) -> Object:
        found = self._of(instance)
        if found is None:
            name = service_of(self.service, instance)
            raise SluicewayError("SLW865", f"{name} has no Service in {self.namespace}, so nothing answers for it")
        return found

    def _of(self, instance: str) -> Object | None:
        return self.kube.get("v1", "Service", service_of(self.service, instance), self.namespace)
