"""Whether a running Deployment can become the first version of a service, and what is done for that.

No pod is touched and nothing is relabelled: a Service of the version leads to the pods by the labels that they have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object
from domain.releases.deploy_spec import DeploySpec, ProbeSpec
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import former_route, former_template, kept, naming
from domain.releases.kubernetes.living import Living, fits, keepers, scalers, selector_of
from domain.releases.kubernetes.objects import PORT_NAME, owned
from domain.releases.kubernetes.place import Adopted, Ends, KubernetesSpec, Place
from domain.releases.kubernetes.template import main_container
from domain.releases.strategies.registry import IMPORT

FIRST = "r0"
ROUTED = ("gateway-api", "istio")
"""Routers whose route is an object of its own. A plain Service would have to be reselected under traffic."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody wants to be imported. Empty names: none was given."""

    service: str
    environment: str
    workload: str
    place: Place
    router: str = "gateway-api"
    led_by: str = ""
    """Name of the Service that leads to it."""
    route: str = ""
    ingress: str = ""
    ends: Ends = Ends.SCALE


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an import would do; with refusals it would do nothing."""

    deployment: Deployment | None = None
    refusals: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    """What is done, in order."""
    notes: tuple[str, ...] = ()
    """What people have to know, or to do themselves."""


def plan(asked: Asked, living: Living) -> Plan:
    """From what was asked and what is there."""
    refusals = tuple(_refusals(asked, living))
    if refusals or living.deployment is None:
        return Plan(refusals=refusals)
    made = _made(asked, living, living.deployment)
    return Plan(deployment=made, steps=tuple(_steps(asked, made)), notes=tuple(_notes(asked, living)))


# -- refusals ---------------------------------------------------------------------------------------------------------


def _refusals(asked: Asked, living: Living) -> Iterator[str]:
    if wrong := _named(asked):
        yield wrong
        return
    if living.deployment is None:
        yield f"there is no Deployment {asked.workload} in {asked.place.namespace}"
        return
    yield from _of_workload(asked, living, Node(living.deployment))
    if not living.own_pods():
        return
    yield from _of_services(asked, living)
    yield from _of_routes(asked, living)
    if asked.ingress and living.ingress is None:
        yield f"there is no Ingress {asked.ingress}"


def _named(asked: Asked) -> str:
    if asked.router not in ROUTED:
        return f"router {asked.router} has no route of its own: import to {' or '.join(ROUTED)}"
    if not asked.place.gateway or not asked.place.host_of(asked.service):
        return f"the environment {asked.environment} names no gateway, or no host, for {asked.service}"
    if asked.route and asked.router != ROUTED[0]:
        return f"router {asked.router} knows no HTTPRoute that could give way"
    return _hypothetical(asked).complaint() or naming.service_complaint(asked.service)


def _of_workload(asked: Asked, living: Living, workload: Node) -> Iterator[str]:
    if naming.RELEASE in metadata.labels(workload.object()):
        yield f"Deployment {asked.workload} is a release's own"
    if workload.at("spec", "selector", "matchExpressions"):
        yield f"Deployment {asked.workload} selects by expressions, and a Service can select by labels alone"
    own = living.own_pods()
    if not own or not workload.at("status", "readyReplicas").whole():
        yield f"Deployment {asked.workload} has no ready pod"
    elif strangers := living.chosen(_matched(workload)) - own:
        yield f"its selector matches pods of others, too: {', '.join(sorted(strangers)[:3])}"
    elif not _telling(asked, workload):
        yield (
            f"the pods of {asked.service}'s releases would have all the labels of {asked.workload}'s: "
            "import it as a service of another name"
        )


def _of_services(asked: Asked, living: Living) -> Iterator[str]:
    own = living.own_pods()
    if asked.led_by:
        chosen = living.chosen(selector_of(living.service(asked.led_by) or {}))
        if living.service(asked.led_by) is None:
            yield f"there is no Service {asked.led_by}"
        elif not chosen & own:
            yield f"Service {asked.led_by} does not lead to {asked.workload}"
        elif strangers := chosen - own:
            yield f"Service {asked.led_by} leads to pods of others, too: {', '.join(sorted(strangers)[:3])}"
    elif len(living.leading()) > 1:
        yield f"several Services lead to {asked.workload}: {', '.join(living.leading()[:5])}; name one by --service"
    yield from (
        f"Service {name} would lead to the pods of {asked.service}'s releases, too: import it under another name"
        for name in living.leading()
        if fits(selector_of(living.service(name) or {}), _of_releases(asked, Node(living.deployment)))
    )
    if _port(asked, living) is None:
        yield f"neither a Service nor a port of a container says where {asked.workload} answers"


def _of_routes(asked: Asked, living: Living) -> Iterator[str]:
    place, host = asked.place, asked.place.host_of(asked.service)
    found = former_route.at_host(living.routes, place, host)
    named = next((one for one in living.routes if metadata.name(one) == asked.route), None)
    if asked.route and named is None:
        yield f"there is no HTTPRoute {asked.route}"
    for one in living.routes:
        if metadata.name(one) == asked.service and naming.SERVICE in metadata.labels(one):
            yield f"HTTPRoute {asked.service} leads the traffic of a release already"
        elif metadata.name(one) == asked.service != asked.route:
            yield f"there is an HTTPRoute {asked.service}, the name of the release's own; name it by --route"
    if others := [name for name in found if name not in (asked.route, asked.service)]:
        yield f"HTTPRoute {', '.join(others[:3])} takes requests for {host} at the Gateway; name it by --route"
    if named is not None:
        wrong = former_route.complaints(named, place, host, living.leading_alone())
        yield from (f"HTTPRoute {asked.route} cannot give way: {why}" for why in wrong)


# -- what becomes of it -----------------------------------------------------------------------------------------------


def _hypothetical(asked: Asked) -> Deployment:
    return Deployment(service=asked.service, environment=asked.environment, instance="r1")


def _matched(workload: Node) -> dict[str, str]:
    return workload.at("spec", "selector", "matchLabels").strings()


def _of_releases(asked: Asked, workload: Node) -> dict[str, str]:
    """Labels that pods of later releases may have: those of a release, and those of the source that stay."""
    own = kept.pod_labels(workload.at("spec", "template"), asked.place.allowed.labels)
    return {**own, **naming.labels(_hypothetical(asked))}


def _telling(asked: Asked, workload: Node) -> dict[str, str]:
    """The labels that tell its pods from those of releases: its selector, with more of its pods' where that is not
    enough; empty: nothing tells them apart.
    """
    releases = _of_releases(asked, workload)
    labels = workload.at("spec", "template", "metadata", "labels").strings()
    for selector in (_matched(workload), {**labels, **_matched(workload)}):
        if selector and any(_tells(key, value, releases) for key, value in selector.items()):
            return selector
    return {}


def _tells(key: str, value: str, releases: Mapping[str, str]) -> bool:
    """Versions and instances differ from release to release, so one may be this one some day."""
    changing = key in (f"{naming.APP}/version", f"{naming.APP}/instance")
    return not changing and releases.get(key) != value


@dataclass(frozen=True)
class _Port:
    number: int
    target: str
    protocol: str = ""


def _port(asked: Asked, living: Living) -> _Port | None:
    """Where it answers: the first port of the Service that leads to it, else of its container."""
    name = asked.led_by or next(iter(living.leading()), "")
    first = Node(living.service(name)).at("spec", "ports").first()
    if first:
        number = first["port"].whole()
        target = first["targetPort"].value
        return _Port(number, str(target if target else number), first["appProtocol"].text())
    inside = _container(asked, Node(living.deployment))["ports"].first()["containerPort"].whole()
    return _Port(inside, str(inside)) if inside else None


def _container(asked: Asked, workload: Node) -> Node:
    pod = workload.at("spec", "template", "spec")
    containers = list(pod["containers"])
    return containers[main_container(pod, asked.service)] if containers else Node()


def _made(asked: Asked, living: Living, workload: Object) -> Deployment:
    said, port = Node(workload), _port(asked, living)
    assert port is not None
    container = _container(asked, said)
    image = container["image"].text()
    adopted = Adopted(
        workload=asked.workload,
        selector=_telling(asked, said),
        port=port.number,
        target=port.target,
        protocol=port.protocol,
        led_by=asked.led_by,
        route=asked.route,
        former="".join(former_route.kept(one) for one in living.routes if metadata.name(one) == asked.route),
        ends=asked.ends,
        template=former_template.kept(workload),
    )
    spec = DeploySpec(
        service=asked.service,
        version=version_of(image),
        instances=max(said.at("spec", "replicas").whole(1), 1),
        image=image,
        port=port.number,
        strategy=IMPORT,
        readiness=ProbeSpec(container.at("readinessProbe", "httpGet", "path").text()),
        target="kubernetes",
        router=asked.router,
        kubernetes=KubernetesSpec(place=asked.place, adopted=adopted),
    )
    return Deployment(service=asked.service, environment=asked.environment, instance=FIRST, spec=spec)


def version_of(image: str) -> str:
    """What an image is known by: its tag, or the beginning of its digest."""
    name, at, digest = image.partition("@")
    if at:
        return digest[:19]
    return name.rpartition("/")[2].partition(":")[2] or "latest"


def _steps(asked: Asked, made: Deployment) -> Iterator[str]:
    spec = made.spec.kubernetes or KubernetesSpec()
    adopted, name, host = spec.adopted, naming.object_name(made), spec.place.host_of(made.service)
    assert adopted is not None
    chosen = ", ".join(f"{key}={value}" for key, value in sorted(adopted.selector.items()))
    yield f"make ConfigMap {name} and Service {name}, which leads to pods with {chosen}; wait for its endpoints"
    if adopted.route == made.service:
        yield f"copy HTTPRoute {adopted.route} as {name}, wait until every router has it, and delete the first"
    yield f"make the route {made.service} for {host} at {spec.place.gateway}; wait until every router has it"
    if adopted.route:
        former = name if adopted.route == made.service else adopted.route
        yield f"delete HTTPRoute {former}; the record of this import keeps {adopted.route} for the way back"
    yield f"{made.instance} is live as {made.spec.version}; the next release stands beside it and is judged against it"
    end = "scaled to 0" if asked.ends is Ends.SCALE else "deleted"
    yield f"later, after the rollback window of the release that replaces it: Deployment {adopted.workload} is {end}"


def _notes(asked: Asked, living: Living) -> Iterator[str]:
    for one in keepers(living.deployment or {}):
        yield f"{one} keeps Deployment {asked.workload}: take `replicas` out of it, or it starts pods again"
    for route in living.routes:
        for one in keepers(route) if metadata.name(route) == asked.route else ():
            what = f"{one} keeps HTTPRoute {asked.route}"
            yield f"{what}: take it out there first, without having it pruned, or it comes back beside the releases'"
    for name in scalers(living):
        yield f"HorizontalPodAutoscaler {name} goes on to scale it; it leaves a Deployment with 0 pods alone"
    if not former_template.kept(living.deployment or {}):
        yield f"the pods of {asked.workload} have too long a template for its drift to be told"
    for name in living.leading():
        yield f"Service {name} stays: who uses it stays with {asked.workload}, also when a release has all requests"
    if asked.ingress:
        host = asked.place.host_of(asked.service)
        yield (
            f"Ingress {asked.ingress} stays. Your step: lead DNS of {host} to the Gateway {asked.place.gateway} before "
            "the next release; until then requests do not go through it"
        )


# -- its objects ------------------------------------------------------------------------------------------------------


def root(deployment: Deployment, adopted: Adopted) -> Object:
    """What owns the version's other objects."""
    data = {"version": deployment.spec.version, "deployment": adopted.workload}
    return {**_object("ConfigMap", deployment), "data": data}


def service(deployment: Deployment, adopted: Adopted, uid: str) -> Object:
    """The Service that routes name. `uid`: of the root."""
    target = int(adopted.target) if adopted.target.isdecimal() else adopted.target
    port: Manifest = {"name": PORT_NAME, "port": adopted.port, "targetPort": target}
    if adopted.protocol:
        port["appProtocol"] = adopted.protocol
    made: Manifest = {**_object("Service", deployment), "spec": {"selector": dict(adopted.selector), "ports": [port]}}
    return owned(made, naming.object_name(deployment), uid)


def _object(kind: str, deployment: Deployment) -> Manifest:
    space = deployment.spec.kubernetes.place.namespace if deployment.spec.kubernetes else ""
    about: Manifest = {"name": naming.object_name(deployment), "namespace": space, "labels": naming.labels(deployment)}
    return {"apiVersion": "v1", "kind": kind, "metadata": about}


def same(planned: Deployment, found: Deployment | None) -> bool:
    """Whether what is there now is still what was planned; its number of pods may be another one."""
    return found is not None and replace(found, instance=planned.instance) == replace(
        planned, spec=replace(planned.spec, instances=found.spec.instances)
    )


def asked_again(planned: Deployment, adopted: Adopted) -> Asked:
    """What a planned import was asked for, to look at it once more before it is done."""
    spec = planned.spec.kubernetes or KubernetesSpec()
    return Asked(
        service=planned.service,
        environment=planned.environment,
        workload=adopted.workload,
        place=spec.place,
        router=planned.spec.router,
        led_by=adopted.led_by,
        route=adopted.route,
        ends=adopted.ends,
    )
