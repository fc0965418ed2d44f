"""An Application of Argo CD (argoproj.io/v1alpha1), as its controller describes it.

Fields: https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml and the CRD's schema. Whoever may
write the object chooses its texts, so they are cut, and nothing but words is made of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object
from domain.releases.argocd.job import ArgocdSync

API, KIND = "argoproj.io/v1alpha1", "Application"
REFRESH = "argocd.argoproj.io/refresh"
REFRESHED_AT = "argocd.argoproj.io/refresh-timestamp"
"""Annotations: compare again, and a text of this request's own. The controller takes them away once it has written what
a comparison found, and only those that were there when it began."""
MARK = "sluiceway"
MOST_NAMED, MOST_TEXT = 10, 300


@dataclass(frozen=True)
class Operation:
    """A sync that waits, goes on, or was the last one."""

    key: str = ""
    """Whose it is, of ours; empty: somebody else's."""
    by: str = ""
    phase: str = ""
    """`Running`, `Terminating`, `Succeeded`, `Failed` or `Error`; empty: it waits to be begun, or there was none."""
    message: str = ""
    revision: str = ""
    """What was applied; a commit."""
    failed: tuple[str, ...] = ()
    done: int = 0
    """Resources that it is through with."""

    @property
    def is_over(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self.phase in ("Succeeded", "Failed", "Error")


class Application:
    """Read from the object each time: what it said before counts for nothing."""

    def __init__(self, found: Object) -> None:
        self._object, node = found, Node(found)
        self._spec, self._status = node["spec"], node["status"]
        self._asked = node["operation"]

    @property
    def refusal(self) -> str:
        """Why it cannot be synced; empty: it can."""
        if metadata.is_ending(self._object):
            return "the Application is being deleted"
        if self._spec["sources"]:
            return "the Application has several sources: no one revision names what it is to be"
        return ""

    @property
    def version(self) -> str:
        """Of the object, so a change is made to what was read."""
        return Node(self._object).at("metadata", "resourceVersion").text()

    @property
    def asked(self) -> Operation | None:
        """What is asked for and has not ended: the controller leaves it there until then."""
        return _operation(self._asked) if self._asked else None

    @property
    def last(self) -> Operation:
        """What goes on, or was the last."""
        state = self._status["operationState"]
        made = _operation(state["operation"])
        result = state["syncResult"]
        resources = list(result["resources"])
        return Operation(
            key=made.key,
            by=made.by,
            phase=state["phase"].text(),
            message=_cut(state["message"]),
            revision=result["revision"].text()[:MOST_TEXT],
            failed=tuple(_failures(resources))[:MOST_NAMED],
            done=sum(1 for one in resources if one["status"] or one["hookPhase"].text() == "Succeeded"),
        )

    @property
    def is_compared_again(self) -> bool:
        """Whether a comparison that was asked for has not ended."""
        return REFRESH in metadata.annotations(self._object)

    @property
    def compared_with(self) -> str:
        """The commit of the last comparison: what it follows, not what was applied."""
        return self._status.at("sync", "revision").text()[:MOST_TEXT]

    @property
    def sync(self) -> str:
        """`Synced`, `OutOfSync` or `Unknown`."""
        return self._status.at("sync", "status").text("Unknown")[:30]

    @property
    def health(self) -> str:
        """`Healthy`, `Progressing`, `Degraded`, `Suspended`, `Missing` or `Unknown`."""
        return self._status.at("health", "status").text("Unknown")[:30]

    @property
    def remarks(self) -> str:
        """What is not as it should be: resources, and errors of the comparison."""
        found = [*self._remarked(), *self._errors()][:MOST_NAMED]
        return "; ".join(found)

    def _remarked(self) -> Iterator[str]:
        for one in self._status["resources"]:
            health, state = one.at("health", "status").text("Healthy"), one["status"].text("Synced")
            if health != "Healthy" or state != "Synced":
                said = _cut(one.at("health", "message"))
                yield f"{_resource(one)} {state}, {health}" + (f": {said}" if said else "")

    def _errors(self) -> Iterator[str]:
        for one in self._status["conditions"]:
            if one["type"].text().endswith("Error"):
                yield f"{one['type'].text()[:60]}: {_cut(one['message'])}"

    def operation(self, wish: ArgocdSync, key: str) -> Manifest:
        """The patch that asks for a sync, by the Application's own policy; refused if the object has changed since."""
        policy = self._spec["syncPolicy"]
        sync: Manifest = {"syncStrategy": {"hook": {}}, "prune": policy.at("automated", "prune").value is True}
        if wish.revision:
            sync["revision"] = wish.revision
        if options := policy["syncOptions"].texts():
            sync["syncOptions"] = list(options)
        made: Manifest = {
            "initiatedBy": {"username": MARK},
            "info": [{"name": MARK, "value": key}],
            "sync": sync,
        }
        if retry := policy["retry"].object():
            made["retry"] = dict(retry)
        return {"metadata": {"resourceVersion": self.version}, "operation": made}


def refresh(at: str) -> Manifest:
    """The patch that asks for a comparison. `at`: unlike that of any other request."""
    return {"metadata": {"annotations": {REFRESH: "normal", REFRESHED_AT: at}}}


def _operation(made: Node) -> Operation:
    keys = [one["value"].text() for one in made["info"] if one["name"].text() == MARK]
    by = made["initiatedBy"]
    who = "automated sync" if by["automated"].value is True else by["username"].text("somebody")[:100]
    return Operation(key=keys[0] if keys else "", by=who)


def _failures(resources: list[Node]) -> Iterator[str]:
    for one in resources:
        if one["status"].text() == "SyncFailed" or one["hookPhase"].text() in ("Failed", "Error"):
            yield f"{_resource(one)}: {_cut(one['message'])}"


def _resource(one: Node) -> str:
    name = f"{one['namespace'].text()}/{one['name'].text()}".removeprefix("/")
    return f"{one['kind'].text()} {name}"[:MOST_TEXT]


def _cut(text: Node) -> str:
    return " ".join(text.text().split())[:MOST_TEXT]
