"""Objects of Argo Rollouts or Flagger to an environment, a deploy job and the objects of its releases.

Nothing is left out in silence: each field was used, or is in the remarks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import StrEnum

from domain.core.documents import Node, Object
from domain.releases.imports import canaries, rollouts
from domain.releases.imports.draft import Converted, Draft, Options
from domain.releases.imports.ledger import MAX_OBJECTS, Kind, Ledger, Place, Remark
from domain.releases.imports.workload import fit
from domain.releases.kubernetes.naming import service_complaint

_NAME = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


class Origin(StrEnum):
    """Whose objects they are."""

    ROLLOUTS = "rollouts"
    FLAGGER = "flagger"


_KINDS: dict[Origin, tuple[str, str, Callable[[Draft, Place], None]]] = {
    Origin.ROLLOUTS: ("argoproj.io/", "Rollout", rollouts.convert),
    Origin.FLAGGER: ("flagger.app/", "Canary", canaries.convert),
}


def convert(origin: Origin, objects: Sequence[Object], options: Options = Options()) -> Converted:  # noqa: B008
    """Of one Rollout or Canary, with what stands around it.

    Raises:
        ValueError: there is not exactly one that is meant, or no release can be made of it; the text says why.
    """
    if len(objects) > MAX_OBJECTS:
        raise ValueError(f"there are {len(objects):,} objects; at most {MAX_OBJECTS} are read")
    ledger = Ledger(objects)
    group, kind, read = _KINDS[origin]
    root = _meant(ledger, group, kind, options.name)
    draft = Draft(ledger, options, _service(root, options), _namespace(root))
    read(draft, root)
    fit(draft)
    pipeline, environment = draft.pipeline(), draft.environment()
    _leave(ledger, kind)
    ledger.close()
    made = tuple(one for _, one in draft.objects)
    return Converted(environment, pipeline, made, ledger.remarks, frozenset(ledger.used))


def _meant(ledger: Ledger, group: str, kind: str, name: str) -> Place:
    found = [one for one in ledger.roots() if one.look("kind") == kind and one.look("apiVersion").startswith(group)]
    named = [one for one in found if name in ("", one.look("metadata", "name"))]
    if len(named) == 1:
        return named[0]
    names = ", ".join(one.look("metadata", "name")[:63] for one in found[:20])
    if not found:
        raise ValueError(f"there is no {kind} of {group.rstrip('/')}")
    raise ValueError(f"say which {kind} by --name: {names}")


def _service(root: Place, options: Options) -> str:
    own = root.look("metadata", "name")
    if options.service:
        return options.service
    if not service_complaint(own) and _NAME.fullmatch(own):
        return own
    made = re.sub(r"[^a-z0-9-]", "-", own.lower())[:35].strip("-")
    made = made if made[:1].isalpha() else f"s-{made}".strip("-")
    made = made if not service_complaint(made) else f"{made}-app"
    complaint = service_complaint(own) or "it is no name of a service"
    root["metadata"]["name"].lack(complaint, f"{made} is a guess; name it by --service")
    return made


def _namespace(root: Place) -> str:
    place = root["metadata"]["namespace"]
    found = place.look()
    if _NAME.fullmatch(found):
        place.take()
        return found
    root["metadata"].lack("it does not say the namespace; default is a guess", "namespace of the environment")
    return "default"


def _leave(ledger: Ledger, kind: str) -> None:
    """Objects that nobody looked into stay in the cluster as they are."""
    looked = {index for index, _ in ledger.used} | {one.index for one in ledger.remarks}
    for root in ledger.roots():
        if root.index not in looked:
            what = f"another {kind}; convert it by --name" if root.look("kind") == kind else _STAYS
            ledger.say(Remark(kind=Kind.NOTE, index=root.index, what=what))


_STAYS = "no part of the release: it stays as it is, and is applied as before"


def objects_of(values: Sequence[object]) -> list[Object]:
    """The objects of documents: those of a List are its items.

    Raises:
        ValueError: one is none.
    """
    found: list[Object] = []
    for value in values:
        if not isinstance(value, dict):
            raise ValueError("a document is no object")
        items = Node(value)["items"].value
        whole = items if Node(value)["kind"].text() == "List" and isinstance(items, list) else [value]
        if not all(isinstance(one, dict) for one in whole):
            raise ValueError("a document is no object")
        found += [one for one in whole if isinstance(one, dict)]
    return found
