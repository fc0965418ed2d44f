"""A Rollout of Argo Rollouts as a deploy job.

Source: https://argo-rollouts.readthedocs.io/en/stable/features/specification/ (argoproj.io/v1alpha1)
"""

from __future__ import annotations

from domain.releases.imports import rollout_analyses, rollout_steps
from domain.releases.imports.draft import Draft, span
from domain.releases.imports.ledger import Kind, Place
from domain.releases.imports.traffic import add_service, find_route, other_service
from domain.releases.imports.workload import add_deployment, add_others, find, named

_LIVE = "pods that have traffic are never relabelled"
_KEPT = "releases and their evidence are kept by the engine's retention"
_AFTER = "a version is stopped when its requests have ended"
_PODS = "a version has the pods for its share before it gets the share"
_SCALE = "capacity: by-weight or full"
_SPREAD = "versions are spread over nodes each by itself, not away from each other"
_SPREAD_BY = "topologySpreadConstraints or podAntiAffinity in the pods' template"
TABLE = {
    "spec.revisionHistoryLimit": (Kind.NOTE, _KEPT, ""),
    "spec.analysis": (Kind.NOTE, _KEPT, ""),
    "spec.rollbackWindow": (
        Kind.LOSS,
        "a rollback by a new commit is judged like any release",
        "`sluiceway release rollback`, which needs no analysis within rollback-window",
    ),
    "spec.paused": (Kind.LOSS, "a definition pauses nothing", "`sluiceway release pause`, while it runs"),
    "spec.restartAt": (Kind.LOSS, "running pods are never restarted by a release", "release the same version again"),
    "spec.workloadRef.scaleDown": (
        Kind.LOSS,
        "the Deployment that runs beside it stays as it is",
        "scale it to 0 when the first release is live",
    ),
}
_BOTH = {
    "maxSurge": (Kind.LOSS, "no number limits the pods of both versions together", _SCALE),
    "maxUnavailable": (Kind.LOSS, "no pod of the live version is taken during a release", "strategy: rolling"),
    "scaleDownDelayRevisionLimit": (Kind.NOTE, "one version is on standby", ""),
    "abortScaleDownDelaySeconds": (Kind.LOSS, _AFTER, "after an abort its objects are in the evidence"),
    "antiAffinity": (Kind.LOSS, _SPREAD, _SPREAD_BY),
    "canaryMetadata": (Kind.LOSS, _LIVE, "labels of the pods' template"),
    "stableMetadata": (Kind.LOSS, _LIVE, "labels of the pods' template"),
    "previewMetadata": (Kind.LOSS, _LIVE, "labels of the pods' template"),
    "activeMetadata": (Kind.LOSS, _LIVE, "labels of the pods' template"),
    "dynamicStableScale": (Kind.LOSS, "the live version keeps its pods until the promotion", "autoscaler"),
    "minPodsPerReplicaSet": (Kind.LOSS, _PODS, "minReplicas of an autoscaler"),
    "replicaProgressThreshold": (Kind.LOSS, "all pods of a version must be available", "fewer pods"),
    "previewReplicaCount": (Kind.LOSS, _PODS, _SCALE),
}


def convert(draft: Draft, rollout: Place) -> None:
    """Raises:
    ValueError: its pods are not among the objects.
    """
    strategy = rollout["spec"]["strategy"]
    canary = bool(strategy["canary"]) or not strategy["blueGreen"]
    if canary:
        _canary(draft, strategy["canary"])
    else:
        _blue_green(draft, strategy["blueGreen"])
    workload, ref = _workload(draft, rollout)
    add_deployment(draft, workload, rollout["spec"])
    _service(draft, strategy, workload.index)
    add_others(draft, ref)
    _deadline(draft, rollout["spec"])
    strategy["canary" if canary else "blueGreen"].rest(_BOTH)
    rollout["metadata"].rest({"labels": (Kind.NOTE, "the release's objects have labels of their own", "")})
    rollout.rest(TABLE)


def _workload(draft: Draft, rollout: Place) -> tuple[Place, tuple[str, str]]:
    """Where the pods are described, and what an autoscaler means by its target."""
    named(rollout)
    name = rollout.look("metadata", "name")
    ref = rollout["spec"]["workloadRef"]
    if not ref:
        return rollout, ("Rollout", name)
    kind, other = ref.look("kind"), ref.look("name")
    found = find(draft, kind, other) if kind == "Deployment" else None
    if found is None:
        raise ValueError(f"its pods are those of {kind[:63]} {other[:63]}; add this Deployment to the file")
    for key in ("apiVersion", "kind", "name"):
        ref[key].take()
    found["spec"].rest(_OF_DEPLOYMENT)
    return found, ("Rollout", name)


_OF_DEPLOYMENT = {
    "strategy": (Kind.NOTE, "the deploy job says the strategy", ""),
    "revisionHistoryLimit": (Kind.NOTE, _KEPT, ""),
    "progressDeadlineSeconds": (Kind.NOTE, "the deploy job says how long a version may take to be ready", ""),
    "paused": (Kind.LOSS, "a definition pauses nothing", "`sluiceway release pause`, while it runs"),
}


def _deadline(draft: Draft, spec: Place) -> None:
    seconds = spec["progressDeadlineSeconds"]
    if spec["progressDeadlineAbort"].node.value is not True:
        seconds.lose("a version that is not ready in time is taken back, and not only told", "a longer timeout")
    if (found := seconds.seconds()) is not None:
        draft.deploy["readiness"] = {"timeout": span(max(1.0, found))}
    spec["progressDeadlineAbort"].note("a version that is not ready in time is taken back")


def _service(draft: Draft, strategy: Place, index: int) -> None:
    canary, blue = strategy["canary"], strategy["blueGreen"]
    ping = canary["pingPong"]
    live = next((one for one in (canary["stableService"], ping["pingService"], blue["activeService"]) if one), None)
    name = live.text() if live else ""
    add_service(draft, name, index)
    for other in (canary["canaryService"], ping["pingService"], ping["pongService"], blue["previewService"]):
        other_service(draft, other.look())
        other.note("each release has a Service of its own, and a preview that only its header reaches")


def _blue_green(draft: Draft, blue: Place) -> None:
    draft.strategy = "blue-green"
    draft.deploy["blue-green"] = {"split": 0}
    draft.judged = False
    if not find_route(draft, {blue.look("activeService")} - {""}, set()):
        draft.router = "service"
        draft.routing["unconfirmed"] = "allow"
    before = blue["prePromotionAnalysis"]
    if before and draft.router != "service":
        draft.judged, draft.deploy["blue-green"] = True, {"split": 10}
        before["templates"].lose(
            "the new version is judged by a tenth of the requests before the switch", "blue-green: {split: …}"
        )
    rollout_analyses.add(draft, before)
    blue["postPromotionAnalysis"].lose(
        "nothing is judged after the switch", "strategy: canary with bake, which judges before it is over"
    )
    if blue["autoPromotionEnabled"].node.value is False:
        draft.approve("promotion", blue["autoPromotionEnabled"])
        blue["autoPromotionEnabled"].take()
    blue["autoPromotionEnabled"].note("nobody is asked, as here")
    if blue["autoPromotionSeconds"]:
        blue["autoPromotionSeconds"].lose(
            "a version that nobody uses does not wait", "blue-green: {split: 10}, analysis: {min-dwell: …}"
        )
    _standby(draft, blue["scaleDownDelaySeconds"])


def _standby(draft: Draft, place: Place) -> None:
    if (found := place.seconds()) is not None:
        draft.deploy["rollback-window"] = span(found)


def _canary(draft: Draft, canary: Place) -> None:
    routing = canary["trafficRouting"]
    names = _routers(draft, routing)
    services = {canary.look("stableService"), canary.look("pingPong", "pingService")} - {""}
    find_route(draft, services, names)
    if canary["steps"] and not routing:
        canary["steps"].lack("its weights were shares of pods, and are shares of requests here", "a Gateway")
    rollout_steps.add(draft, canary)
    rollout_analyses.add(draft, canary["analysis"])
    canary["analysis"]["startingStep"].lose("every weight is judged", "approvals before a weight")
    if draft.strategy == "canary":
        _standby(draft, canary["scaleDownDelaySeconds"])
    else:
        canary["scaleDownDelaySeconds"].lose("no version is on standby with strategy rolling", "strategy: canary")


_PLUGIN = "argoproj-labs/gatewayAPI"
_OTHERS = {
    "*": (Kind.LOSS, "requests are weighted at a Gateway of Gateway API, or of Istio", "gateway of the environment"),
}


def _routers(draft: Draft, routing: Place) -> set[str]:
    """The names of the routes that it weighted."""
    names: set[str] = set()
    if routing["istio"]:
        draft.router = "istio"
        one = routing["istio"]["virtualService"]
        found = [one["name"], *(each["name"] for each in routing["istio"]["virtualServices"].items())]
        names = {place.look() for place in found if place}
        for place in found:
            place.note("the release makes its own VirtualService")
    plugin = routing["plugins"][_PLUGIN]
    for key, place in plugin.fields():
        if key == "httpRoute":
            names.add(place.look())
        if key in ("httpRoute", "namespace"):
            place.note("the release makes its own HTTPRoute")
    weight = routing["maxTrafficWeight"]
    if weight.node.value == 100:
        weight.note("weights are percent")
    weight.lose("weights are percent", "weights of 100")
    for one in routing["managedRoutes"].items():
        one["name"].note("rules of a release have no names")
    routing.rest(_OTHERS)
    return names
