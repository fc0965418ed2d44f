"""A client of one API server: plain mappings, server-side apply, our errors.

The official client's dynamic part does the discovery; its result is cached in the engine's home.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from kubernetes import client
from kubernetes.dynamic.exceptions import DynamicApiError, NotFoundError, ResourceNotFoundError
from kubernetes.dynamic.resource import ResourceList

from activities.kubernetes.answers import MOST_BYTES, text_of
from activities.kubernetes.api_errors import ours, words
from activities.kubernetes.connecting import Way, answered, connected
from activities.kubernetes.sdk import Dynamic, Resource, connect
from activities.kubernetes.segments import must_be_names, must_lead_there
from domain.clusters import metadata
from domain.clusters.access import Access
from domain.clusters.impersonation import Impersonated
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.inventory.dialled import Answered, Call

MAX_LINE = 4096
"""Bytes of a line of a log."""
TIMEOUT_S = (5, 60)
"""Connect and read timeouts: a silent node is not awaited any longer."""
MANAGER = "sluiceway"
"""Field manager of server-side apply: https://kubernetes.io/docs/reference/using-api/server-side-apply/"""


class Kube:
    """Calls block: run them in a thread.

    Raises:
        SluicewayError: SLW943, the server refuses or does not answer, with its message.
    """

    def __init__(
        self,
        access: Access,
        cache: Path,
        kubeconfig: str = "",
        *,
        person: Impersonated | None = None,
        far: Way | None = None,
    ) -> None:
        """`cache`: file for the discovery result; `kubeconfig`: its content, where the reference is no file. `person`:
        in whose name everything is asked; None: the engine's own. `far`: gives a client its way to a cluster that dials
        out.
        """
        self.access, self._cache, self._kubeconfig, self.person = access, cache, kubeconfig, person
        self._far = far

    @cached_property
    def api(self) -> client.ApiClient:
        """The official client, connected by the access reference; created once. Raises like `connected`."""
        return connected(self.access, self._kubeconfig, self.person, self._far)

    def close(self) -> None:
        """Closes kept connections; it stays usable."""
        if "api" in self.__dict__:
            self.api.rest_client.pool_manager.clear()

    def _ours(self, doing: str) -> contextlib.AbstractContextManager[None]:
        return ours(doing, self.person)

    @cached_property
    def _dynamic(self) -> Dynamic:
        with self._ours("discovering its API"):
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            return connect(self.api, cache_file=str(self._cache))

    def _resource(self, api_version: str, kind: str) -> Resource:
        try:
            with self._ours(f"looking for {kind}"):
                return self._dynamic.resources.get(api_version=api_version, kind=kind)
        except ResourceNotFoundError as unknown:
            raise SluicewayError(
                "SLW944", f"the cluster does not know {kind} ({api_version})", fix="install its operator"
            ) from unknown

    def ready(self) -> str:
        """Why the server is not ready, or empty."""
        try:
            self.raw("/readyz")
        except SluicewayError as broken:
            return broken.why or broken.what
        return ""

    def version(self) -> str:
        """As reported by the server: `v1.34.4`."""
        return self.document("/version")["gitVersion"].text()

    def raw(self, path: str, query: Mapping[str, str] | None = None, most: int = MOST_BYTES) -> str:
        """The response of a GET, as text of at most so many bytes."""
        must_lead_there(path)
        with self._ours(f"GET {path}"):
            pairs = list((query or {}).items())
            answer = self._dynamic.request("get", path, query_params=pairs, serialize=False, _request_timeout=TIMEOUT_S)
            return text_of(answer, most)

    def answered(self, asked: Call) -> Answered:
        """What the API server answers to any request, also where it refuses."""
        must_lead_there(asked.path)
        with self._ours(f"{asked.method} {asked.path}"):
            return answered(self._dynamic, asked)

    def document(self, path: str) -> Node:
        """The object that a GET answers."""
        return Node(_document(self.raw(path), f"GET {path}"))

    def apply(self, manifest: Object, dry_run: bool = False, *, manager: str = MANAGER, force: bool = True) -> Object:
        """Server-side apply: other managers' fields stay, ours are as in the manifest.

        Raises:
            SluicewayError: SLW943 with status 409, without `force` another manager has set one of its fields
                otherwise; the server's words name manager and field.
        """
        resource, doing = self._of(manifest), f"applying {_what(manifest)}"
        with self._ours(doing):
            try:
                made = self._dynamic.server_side_apply(
                    resource,
                    serialize=False,
                    body=dict(manifest),
                    name=metadata.name(manifest),
                    namespace=metadata.namespace(manifest) or None,
                    field_manager=manager,
                    force_conflicts=force,
                    query_params=[("dryRun", "All")] if dry_run else [],
                )
            except NotFoundError as gone:  # its namespace
                what = f"the API server refused {doing}"
                raise SluicewayError("SLW943", what, why=words(gone), transient=True, status=404) from gone
            return _document(text_of(made), doing)

    def refused(self, api_version: str, kind: str, verb: str, namespace: str) -> str:
        """Why this access may not do something to the objects of a kind; empty: it may.

        Source: https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
        """
        about = self._resource(api_version, kind)
        return self.denied({"namespace": namespace, "verb": verb, "group": about.group or "", "resource": about.name})

    def denied(self, asked: Mapping[str, str]) -> str:
        """The same of any `resourceAttributes` of a SelfSubjectAccessReview."""
        review: Manifest = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": dict(asked)},
        }
        what = f"{asked['verb']} {asked['resource']}"
        doing = f"asking whether {what} is allowed"
        with self._ours(doing):
            path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
            made = self._dynamic.request("post", path, body=review, serialize=False, _request_timeout=TIMEOUT_S)
            status = Node(_document(text_of(made), doing))["status"]
        if status["allowed"].value is True:
            return ""
        return status["reason"].text() or f"no role allows {what} in {asked.get('namespace') or 'the cluster'}"

    def create(self, manifest: Object) -> Object:
        """Creates an object, or returns the existing one of that name."""
        resource, doing = self._of(manifest), f"creating {_what(manifest)}"
        space = metadata.namespace(manifest) or None
        with self._ours(doing):
            try:
                made = resource.create(body=dict(manifest), namespace=space, field_manager=MANAGER, serialize=False)
            except NotFoundError as gone:  # its namespace
                what = f"the API server refused {doing}"
                raise SluicewayError("SLW943", what, why=words(gone), transient=True, status=404) from gone
            except DynamicApiError as refused:
                if refused.status != 409:
                    raise
                made = resource.get(name=metadata.name(manifest), namespace=space, serialize=False)
            return _document(text_of(made), doing)

    def _of(self, manifest: Object) -> Resource:
        must_be_names(metadata.name(manifest), metadata.namespace(manifest))
        return self._resource(Node(manifest)["apiVersion"].text(), Node(manifest)["kind"].text())

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        """None: it does not exist."""
        must_be_names(name, namespace)
        resource, doing = self._resource(api_version, kind), f"reading {kind} {namespace}/{name}"
        with self._ours(doing):
            try:
                return _document(text_of(resource.get(name=name, namespace=namespace or None, serialize=False)), doing)
            except NotFoundError:
                return None

    def kinds(self) -> list[tuple[str, str]]:
        """API version and kind of everything that can be listed and deleted, in the preferred version if possible."""
        with self._ours("discovering its API"):
            self._dynamic.resources.invalidate_cache()
            known = [one for several in self._dynamic.resources for one in several if not isinstance(one, ResourceList)]
        found = {}
        for one in sorted(known, key=lambda one: bool(one.preferred)):
            if {"list", "delete"} <= set(one.verbs or ()):
                found[one.group, one.kind] = str(one.group_version)
        return sorted((version, str(kind)) for (_, kind), version in found.items())

    def is_namespaced(self, api_version: str, kind: str) -> bool:
        """According to the server's discovery."""
        return bool(self._resource(api_version, kind).namespaced)

    def items(self, api_version: str, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        """Empty for a kind that no longer exists."""
        try:
            return self.items_at(api_version, kind, namespace, labels)[0]
        except NotFoundError:
            return []

    def items_at(
        self, api_version: str, kind: str, namespace: str = "", labels: str = "", fields: str = ""
    ) -> tuple[list[Object], str]:
        """The objects, and the resource version to start a watch from."""
        must_be_names(namespace)
        resource, doing = self._resource(api_version, kind), f"listing {kind}"
        with self._ours(doing):
            answer = resource.get(
                serialize=False,
                namespace=namespace or None,
                label_selector=labels or None,
                field_selector=fields or None,
            )
            found = Node(_document(text_of(answer), doing))
        kept = {"apiVersion": api_version, "kind": kind}  # a list says it once, of all
        return [{**kept, **one.object()} for one in found["items"]], found.at("metadata", "resourceVersion").text()

    def patch(self, api_version: str, kind: str, name: str, patch: Object, namespace: str = "") -> Object | None:
        """Applies a merge patch (RFC 7396); returns the object, or None when it does not exist."""
        must_be_names(name, namespace)
        resource, doing = self._resource(api_version, kind), f"changing {kind} {namespace}/{name}"
        with self._ours(doing), contextlib.suppress(NotFoundError):
            made = resource.patch(
                serialize=False,
                body=dict(patch),
                name=name,
                namespace=namespace or None,
                content_type="application/merge-patch+json",
                field_manager=MANAGER,
            )
            return _document(text_of(made), doing)
        return None

    def delete(
        self, api_version: str, kind: str, name: str, namespace: str = "", grace_s: int | None = None, uid: str = ""
    ) -> None:
        """Deletes an object; a missing one is fine, and another than `uid` stays."""
        must_be_names(name, namespace)
        resource = self._resource(api_version, kind)
        body: Manifest = {"propagationPolicy": "Background", **({"preconditions": {"uid": uid}} if uid else {})}
        if grace_s is not None:
            body["gracePeriodSeconds"] = grace_s
        with self._ours(f"deleting {kind} {namespace}/{name}"), contextlib.suppress(NotFoundError):
            try:
                text_of(resource.delete(name=name, namespace=namespace or None, body=body, serialize=False))
            except DynamicApiError as refused:
                if not uid or refused.status != 409:
                    raise

    def evict(self, namespace: str, pod: str) -> bool:
        """Whether the eviction is allowed now: a disruption budget may forbid it for a while."""
        body: Manifest = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod, "namespace": namespace},
        }
        must_be_names(namespace, pod)
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/eviction"
        with self._ours(f"evicting {namespace}/{pod}"):
            try:
                text_of(self._dynamic.request("post", path, body=body, serialize=False, _request_timeout=TIMEOUT_S))
            except NotFoundError:
                return True
            except DynamicApiError as refused:
                if refused.status != 429:
                    raise
                return False
        return True

    def watch_pods(self, namespace: str, labels: str, version: str, timeout_s: int) -> Iterator[tuple[str, Object]]:
        """Events (ADDED, MODIFIED, DELETED, BOOKMARK, ERROR) after a resource version, for some seconds."""
        must_be_names(namespace)
        pods = self._resource("v1", "Pod")
        with self._ours(f"watching pods of {namespace}"):
            for event in self._dynamic.watch(
                pods,
                namespace=namespace,
                label_selector=labels,
                resource_version=version,
                timeout=timeout_s,
                allow_watch_bookmarks=True,
            ):
                yield event["type"], event["raw_object"]

    def logs(self, namespace: str, pod: str, container: str) -> str:
        """All output of a container, each line with its time."""
        must_be_names(namespace, pod)
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"
        return self.raw(path, {"container": container, "timestamps": "true"})

    def last_output(self, namespace: str, pod: str, container: str) -> str:
        """The last line of a container, or where it has just been restarted, of the one before.

        Of one that was cut the last word is left out: nobody knows half a secret for one.
        """
        must_be_names(namespace, pod)
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"
        asked = {"container": container, "tailLines": "1", "limitBytes": str(MAX_LINE)}
        found = self.raw(path, asked) or self.raw(path, {**asked, "previous": "true"})
        return found if len(found.encode()) < MAX_LINE else found.rpartition(" ")[0]


def _document(text: str, doing: str) -> Manifest:
    """Raises SluicewayError (SLW943): something between us and the API server has answered in its place."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SluicewayError("SLW943", f"no object came back from {doing}", why=text[:300], transient=True)
    return found


def _what(manifest: Object) -> str:
    return f"{Node(manifest)['kind'].text()} {metadata.full_name(manifest)}"
