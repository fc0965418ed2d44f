"""The objects of a release: a workload's pods, and what stands beside them in the same file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from domain.core.documents import Manifest, Node
from domain.core.values import Json
from domain.releases.imports.draft import Draft
from domain.releases.imports.ledger import Kind, Place, Remark
from domain.releases.kubernetes import kept
from domain.releases.kubernetes.place import Place as Where
from domain.releases.kubernetes.references import references
from domain.releases.kubernetes.refusals import Refusal, refusals

_GIVEN = ("type", "data", "binaryData", "stringData")
_SERVERS = ("resourceVersion", "uid", "creationTimestamp", "managedFields", "generation", "selfLink", "generateName")
MAX_ROUNDS = 100
_SELECTED = "a release selects its pods by labels of its own"


def kind_is(place: Place, kind: str, name: str = "") -> bool:
    """Whether it is an object of a kind, and of a name where one is asked for."""
    return place.look("kind") == kind and name in ("", place.look("metadata", "name"))


def find(draft: Draft, kind: str, name: str) -> Place | None:
    """An object of the file by kind and name; its kind and name are used by that."""
    for place in draft.ledger.roots():
        if name and kind_is(place, kind, name):
            named(place)
            return place
    return None


def named(place: Place, *, by_name: bool = True) -> None:
    """Kind and name have told what it is; the server's own fields say nothing."""
    for path in (("apiVersion",), ("kind",), *([("metadata", "name")] if by_name else [])):
        place.at(*path).take()
    place["metadata"]["namespace"].note("a release's objects are in the namespace of its environment")
    for key in _SERVERS:
        place["metadata"][key].note("the server sets it")
    place["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"].note("kubectl sets it")
    place["status"].note("the server sets it")


def add_deployment(draft: Draft, workload: Place, numbers: Place) -> None:
    """The Deployment of a release, of a Rollout or of a Deployment: both say the pods alike.

    `numbers`: the spec that says how many pods, and when one is ready.
    """
    spec = workload["spec"]
    metadata = _metadata(workload, draft.service)
    made: Manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata}
    given: Manifest = {}
    for key in ("replicas", "minReadySeconds"):
        if numbers[key] or spec[key]:
            given[key] = (numbers[key] or spec[key]).take()
        spec[key].note("the Rollout says it")
    template = spec["template"]
    selected = spec["selector"]["matchLabels"].node.strings()
    pods: Manifest = {"metadata": _pod_metadata(template, selected, draft.service), "spec": template["spec"].take()}
    labels = Node(pods["metadata"])["labels"].object()
    spec["selector"].note(_SELECTED)
    made["spec"] = {**given, "selector": {"matchLabels": labels}, "template": pods}
    draft.objects.append((workload.index, made))


def _metadata(place: Place, name: str) -> Manifest:
    """Name, labels and annotations that a release's object may have; the rest is told."""
    made: Manifest = {"name": name}
    for key in ("labels", "annotations"):
        told = {word: one.text() for word, one in place["metadata"][key].fields() if _may_stay(one, word)}
        if told:
            made[key] = told
    return made


def _may_stay(place: Place, key: str) -> bool:
    if place.ledger.covers(place.index, place.path):
        return False
    if not kept.is_below(key, (kept.OURS, *kept.OF_DELIVERY)):
        return isinstance(place.node.value, str)
    place.note("the tool that sets it does not look after the objects of a release")
    return False


def _pod_metadata(template: Place, selected: Mapping[str, str], service: str) -> Manifest:
    """The labels are those of a plain Deployment; of those that a release does not keep, it is told."""
    meta = template["metadata"]
    stay = kept.pod_labels(template.node, ())
    labels = meta["labels"].node.strings() or {"app": service}
    for key, one in meta["labels"].fields():
        if key in stay:
            one.take()
        elif key in selected:
            one.note(_SELECTED)
        else:
            allow = f"allow: {{labels: [{key}]}} in the environment, where nothing but policies selects by it"
            one.lose("pods of a release do not keep it: whoever selects by it would find every version", allow)
    made: Manifest = {"labels": labels}
    annotations = {key: one.text() for key, one in meta["annotations"].fields() if _may_stay(one, key)}
    if annotations:
        made["annotations"] = annotations
    for key in _SERVERS:
        meta[key].note("the server sets it")
    return made


def add_others(draft: Draft, target: tuple[str, str]) -> None:
    """What belongs to the workload: configuration that its pods read, its autoscaler, its budget.

    `target`: kind and name that an autoscaler has to mean.
    """
    workload = Node(draft.objects[0][1])
    read = {ref for _, ref in references(workload.at("spec", "template", "spec"))}
    pulled = {("Secret", one["name"].text()) for one in workload.at("spec", "template", "spec", "imagePullSecrets")}
    for place in draft.ledger.roots():
        kind, name = place.look("kind"), place.look("metadata", "name")
        if (kind, name) in read | pulled and not _have(draft, kind, name):
            _add(draft, place, _GIVEN)
        elif kind == "PodDisruptionBudget" and not _have(draft, kind):
            place["spec"]["selector"].note(_SELECTED)
            _add(draft, place, (), ("minAvailable", "maxUnavailable"))
        elif kind == "HorizontalPodAutoscaler" and _scales(place, target) and not _have(draft, kind):
            _add_autoscaler(draft, place)


def _scales(place: Place, target: tuple[str, str]) -> bool:
    found = place["spec"]["scaleTargetRef"]
    return place.look("apiVersion") == "autoscaling/v2" and (found.look("kind"), found.look("name")) == target


def _have(draft: Draft, kind: str, name: str = "") -> bool:
    found = [Node(one) for _, one in draft.objects]
    return any(one["kind"].text() == kind and name in ("", one.at("metadata", "name").text()) for one in found)


def _add_autoscaler(draft: Draft, place: Place) -> None:
    place["spec"]["scaleTargetRef"].note("each version has an autoscaler of its own")
    keys = [key for key, _ in place["spec"].fields() if key != "scaleTargetRef"]
    _add(draft, place, (), keys)
    name = Node(draft.objects[0][1]).at("metadata", "name").text()
    made = Node(draft.objects[-1][1])
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    whole: Manifest = {**made.object(), "spec": {"scaleTargetRef": target, **made["spec"].object()}}
    draft.objects[-1] = (place.index, whole)


def _add(draft: Draft, place: Place, keys: Iterable[str], of_spec: Sequence[str] = ()) -> None:
    named(place)
    made: Manifest = {"apiVersion": place.look("apiVersion"), "kind": place.look("kind")}
    made["metadata"] = _metadata(place, place.look("metadata", "name"))
    made |= {key: place[key].take() for key in keys if place[key]}
    if of_spec:
        made["spec"] = {key: place["spec"][key].take() for key in of_spec if place["spec"][key]}
    place["immutable"].note("what a release reads never changes")
    draft.objects.append((place.index, made))


def fit(draft: Draft) -> None:
    """Takes out what a release may not have, and says so.

    Raises:
        ValueError: its workload is none without it.
    """
    seen: set[tuple[int, tuple[str | int, ...]]] = set()
    for _ in range(MAX_ROUNDS):
        refused = [one for one in refusals([one for _, one in draft.objects], Where()) if not one.allow]
        if not refused:
            break
        first = refused[0]
        if (first.index, first.path) in seen or first.index < 0:
            raise ValueError(f"no release can be made of it: {first.words()}")
        seen.add((first.index, first.path))
        _leave_out(draft, first)
        if not first.path or first.path[0] in ("kind", "type"):
            seen.clear()
    for one in refusals([one for _, one in draft.objects], Where()):
        _ask(draft, one)


def _ask(draft: Draft, one: Refusal) -> None:
    origin = draft.objects[one.index][0] if one.index >= 0 else -1
    instead = f"an administrator may allow it in the environment: {one.allow}" if one.allow else ""
    draft.ledger.say(Remark(kind=Kind.LOSS, index=origin, path=one.path, what=one.reason, instead=instead))


def _leave_out(draft: Draft, one: Refusal) -> None:
    _ask(draft, one)
    origin, made = draft.objects[one.index]
    if not one.path or one.path[0] in ("kind", "type"):
        if one.index == 0:
            raise ValueError(f"no release can be made of it: {one.words()}")
        del draft.objects[one.index]
        return
    draft.objects[one.index] = (origin, Node(_without(made, one.path)).object())


def _without(value: Json, path: tuple[str | int, ...]) -> Json:
    step, more = path[0], path[1:]
    if isinstance(value, dict):
        if not more:
            return {key: each for key, each in value.items() if key != step}
        return {key: _without(each, more) if key == step else each for key, each in value.items()}
    if isinstance(value, list):
        if not more:
            return [each for at, each in enumerate(value) if at != step]
        return [_without(each, more) if at == step else each for at, each in enumerate(value)]
    return value
