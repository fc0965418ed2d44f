"""A Canary of Flagger as a deploy job.

Source: https://docs.flagger.app/usage/how-it-works (flagger.app/v1beta1)
"""

from __future__ import annotations

from domain.core.documents import Manifest
from domain.releases.imports import canary_analysis
from domain.releases.imports.draft import Draft, span
from domain.releases.imports.ledger import Kind, Place
from domain.releases.imports.traffic import add_service, find_route, is_port, set_gateway, set_host, set_istio_gateway
from domain.releases.imports.workload import add_deployment, add_others, find, named

_GATEWAYS = ("gatewayapi:v1", "gatewayapi:v1beta1")
_ROUTED = "the route of a service has its host, and each version's share, and no more"
_AROUND = "in the service itself, or at the Gateway for all"
_POLICY = "a policy of the Gateway or the mesh that applies to its host"
TABLE = {
    "metadata": (Kind.NOTE, "the release's objects have metadata of their own", ""),
    "spec.provider": (Kind.LOSS, "requests are weighted at a Gateway of Gateway API, or of Istio", "router"),
    "spec.metricsServer": (Kind.NOTE, "the router counts the requests of both versions", ""),
    "spec.ingressRef": (Kind.LOSS, "a release is behind a Gateway", "gateway and host of the environment"),
    "spec.routeRef": (Kind.LOSS, "a release is behind a Gateway", "gateway and host of the environment"),
    "spec.upstreamRef": (Kind.LOSS, "a release is behind a Gateway", "gateway and host of the environment"),
    "spec.autoscalerRef": (Kind.LOSS, "it is not among the objects", "add its HorizontalPodAutoscaler to the file"),
    "spec.revertOnDeletion": (Kind.NOTE, "nothing that was there before is changed", ""),
    "spec.suspend": (Kind.LOSS, "a definition pauses nothing", "`sluiceway release pause`, while it runs"),
    "spec.service.name": (Kind.NOTE, "the service has the name of the deploy job", ""),
    "spec.service.portName": (Kind.NOTE, "a release's Service has one port, http", ""),
    "spec.service.portDiscovery": (Kind.LOSS, "a release's Service has one port", "a service of its own"),
    "spec.service.headless": (Kind.LOSS, "releases of a service without a Service are not routed", "router: none"),
    "spec.service.trafficDistribution": (Kind.LOSS, "Services of releases have the cluster's default", _POLICY),
    "spec.service.timeout": (Kind.LOSS, _ROUTED, _POLICY),
    "spec.service.backendTimeout": (Kind.LOSS, _ROUTED, _POLICY),
    "spec.service.retries": (Kind.LOSS, _ROUTED + "; what is asked twice would hide errors", _POLICY),
    "spec.service.trafficPolicy": (Kind.LOSS, _ROUTED, "a DestinationRule for the Services of the releases"),
    "spec.service.corsPolicy": (Kind.LOSS, _ROUTED, _AROUND),
    "spec.service.headers": (Kind.LOSS, _ROUTED, _AROUND),
    "spec.service.rewrite": (Kind.LOSS, _ROUTED, _AROUND),
    "spec.service.match": (Kind.LOSS, _ROUTED, "a service with a host of its own"),
    "spec.service.mirror": (Kind.LOSS, "only the new version gets copies", "routing: {mirror: …}"),
    "spec.service.gateways": (Kind.LOSS, "an environment has one Gateway", "a second environment"),
    "spec.service.gatewayRefs": (Kind.LOSS, "an environment has one Gateway", "a second environment"),
    "spec.service.hosts": (Kind.LOSS, "a service has one host", "a second environment, or a redirect"),
    "spec.service.delegation": (Kind.LOSS, "a release has a whole VirtualService", "gateway of the environment"),
    "spec.service.meshName": (Kind.LOSS, "there is no router for App Mesh", "router: gateway-api"),
    "spec.service.backends": (Kind.LOSS, "there is no router for App Mesh", "router: gateway-api"),
    "spec.service.apex": (Kind.LOSS, "Services of releases have labels of their own", ""),
    "spec.service.primary": (Kind.LOSS, "there is no copy of the version that is live", ""),
    "spec.service.canary": (Kind.LOSS, "Services of releases have labels of their own", ""),
    "spec.service.unmanagedMetadata": (Kind.NOTE, "what others set at Services stays theirs", ""),
}


def convert(draft: Draft, canary: Place) -> None:
    """Raises:
    ValueError: its pods are not among the objects.
    """
    named(canary)
    workload = _workload(draft, canary)
    _provider(draft, canary["spec"]["provider"])
    service = canary["spec"]["service"]
    _gateway(draft, canary, service)
    analysis = canary["spec"]["analysis"] or canary["spec"]["canaryAnalysis"]
    canary_analysis.add(draft, analysis, skip=canary["spec"]["skipAnalysis"])
    add_deployment(draft, workload, workload["spec"])
    workload["spec"].rest(_OF_DEPLOYMENT)
    _service(draft, canary, workload)
    _autoscaler(draft, canary["spec"], workload)
    seconds = canary["spec"]["progressDeadlineSeconds"]
    if (found := seconds.seconds()) is not None:
        draft.deploy["readiness"] = {"timeout": span(max(1.0, found))}
    canary.rest(TABLE)


_OF_DEPLOYMENT = {
    "strategy": (Kind.NOTE, "the deploy job says the strategy", ""),
    "revisionHistoryLimit": (Kind.NOTE, "releases are kept by the engine's retention", ""),
    "progressDeadlineSeconds": (Kind.NOTE, "the deploy job says how long a version may take to be ready", ""),
    "paused": (Kind.LOSS, "a definition pauses nothing", "`sluiceway release pause`, while it runs"),
}


def _workload(draft: Draft, canary: Place) -> Place:
    ref = canary["spec"]["targetRef"]
    kind, name = ref.look("kind"), ref.look("name")
    if kind != "Deployment":
        raise ValueError(f"a release is a Deployment, and its targetRef is a {kind[:63] or 'nothing'}")
    found = find(draft, kind, name)
    if found is None:
        raise ValueError(f"its pods are those of Deployment {name[:63]}; add it to the file")
    for key in ("apiVersion", "kind", "name"):
        ref[key].take()
    return found


def _provider(draft: Draft, place: Place) -> None:
    text = place.look()
    if text == "istio":
        draft.router = "istio"
        place.take()
    elif text in _GATEWAYS:
        place.note("router: gateway-api")
    elif text == "kubernetes":
        draft.router = "service"
        place.take()


def _gateway(draft: Draft, canary: Place, service: Place) -> None:
    if draft.router == "istio":
        for one in service["gateways"].items()[:1]:
            set_istio_gateway(draft, one, canary)
    elif draft.router == "gateway-api":
        for one in service["gatewayRefs"].items()[:1]:
            set_gateway(draft, one["name"], one["namespace"], canary)
            for key in ("group", "kind"):
                one[key].note("it is a Gateway")
    for host in service["hosts"].items()[:1]:
        set_host(draft, host)
    apex = service.look("name") or canary.look("spec", "targetRef", "name")
    if not draft.host:
        refs = {canary.look("spec", key, "name") for key in ("ingressRef", "routeRef")} - {""}
        find_route(draft, {apex}, refs)


def _service(draft: Draft, canary: Place, workload: Place) -> None:
    """The Service that Flagger makes; one of the file with the same name is the one that it takes over."""
    service = canary["spec"]["service"]
    apex = service.look("name") or canary.look("spec", "targetRef", "name")
    port: Manifest = {}
    if is_port(service["port"]):
        draft.deploy["port"] = port["port"] = service["port"].take()
        for key in ("targetPort", "appProtocol"):
            if service[key]:
                port[key] = service[key].take()
        made: Manifest = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": draft.service}}
        draft.objects.append((canary.index, {**made, "spec": {"ports": [port]}}))
        if (known := find(draft, "Service", apex)) is not None:
            for key in ("spec", "metadata"):
                known[key].note("the Canary says its port, and each release has a Service of its own")
    else:
        add_service(draft, apex, workload.index)


def _autoscaler(draft: Draft, spec: Place, workload: Place) -> None:
    before = len(draft.objects)
    add_others(draft, ("Deployment", workload.look("metadata", "name")))
    ref = spec["autoscalerRef"]
    scaled = [one for _, one in draft.objects[before:] if one["kind"] == "HorizontalPodAutoscaler"]
    for key in ("primaryScalerQueries", "primaryScalerReplicas"):
        ref[key].lose("each version has the same autoscaler", "the numbers of the HorizontalPodAutoscaler")
    if scaled and ref.look("kind") == "HorizontalPodAutoscaler":
        for key in ("apiVersion", "kind", "name"):
            ref[key].note("each version has an autoscaler of its own")
