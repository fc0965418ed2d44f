"""What starting a pod would do: its manifest, what is wrong with it, what the cluster says, what is there already."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

import yaml

from activities.authority.cluster_forms import content, where
from activities.pods.reading import PodReader
from domain.authority.permit import digest_of
from domain.clusters import metadata, pending
from domain.clusters.access import Access
from domain.clusters.health import quantity
from domain.core import ids
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.inventory.room import MIB, Asked, QuotaRoom, fits
from domain.pods import comparison, form
from domain.pods import manifest as pod_manifest
from domain.pods.manifest import WORKFLOW, PodSpec, attempt_name
from domain.secrets.rules import SecretUse
from pipeline_defs.core.diagnostics import Diagnostic
from workers.client import pod_manifests
from workers.client.pod_manifests import ReadManifest
from workers.client.ports.definitions import Remark
from workers.client.ports.pods import MOST_MANIFEST, FormError, PodPlan, PodRequest
from workflows.pods.messages import PodInput

FILE = "pod.yaml"
"""What a manifest is called in messages."""


@dataclass(frozen=True)
class Planned:
    """A plan, and what is started for it; None: it cannot be started."""

    plan: PodPlan
    input: PodInput | None = None


def plan(asked: PodRequest, access: Access, server: PodReader, use: SecretUse) -> Planned:
    """Blocks: asks the cluster. What is wrong with the form is found before.

    Raises:
        SluicewayError: SLW943, the cluster does not answer.
    """
    id_ = ids.pod_id(asked.cluster, asked.namespace, asked.name, asked.attempt)
    wrong = _wrong(asked)
    written = pod_manifests.read(asked.manifest[:MOST_MANIFEST], FILE) if asked.manifest else ReadManifest()
    diagnostics = list(written.diagnostics)
    manifest = written.manifest if asked.manifest else pod_manifest.manifest(spec_of(asked))
    plain = PodPlan(id=id_, errors=wrong, remarks=_remarks(diagnostics), secrets=tuple(asked.form.secrets.values()))
    if wrong or written.broken:
        return Planned(plain)
    tried = pod_manifests.tried(server, manifest, asked.namespace)
    if tried and asked.manifest:
        diagnostics.append(pod_manifests.placed(written.root, tried, FILE))
    found = server.get("v1", "Pod", attempt_name(asked.name, asked.attempt), asked.namespace)
    is_ours = found is not None and metadata.annotations(found).get(WORKFLOW) == id_
    plain = replace(
        plain,
        manifest=_yaml(manifest),
        remarks=_remarks(diagnostics),
        tried=pending.refused(tried) if tried else "",
        asked_server=True,
        room=room(server, manifest, asked.namespace),
        exists=_exists(found, is_ours=is_ours),
        diff=diff(found, manifest) if found else "",
    )
    if tried or (found is not None and not is_ours):
        return Planned(plain)
    input = PodInput(
        access,
        asked.cluster,
        asked.namespace,
        asked.name,
        manifest,
        files=dict(asked.form.files),
        secrets=dict(asked.form.secrets),
        use=use,
        attempt=asked.attempt,
        timeout_s=asked.timeout_s,
        idempotent=asked.idempotent,
    )
    return Planned(replace(plain, digest=digest_of(shown(input))), input)


def shown(input: PodInput) -> Object:
    """All that a plan is bound to."""
    return {
        "id": ids.pod_id(input.cluster, input.namespace, input.name, input.attempt),
        "where": where(input.access, input.namespace),
        "content": content(input.manifest, input.files, input.secrets),
        "timeout": f"{input.timeout_s:g}",
        "idempotent": input.idempotent,
    }


def spec_of(asked: PodRequest) -> PodSpec:
    """Basic mode."""
    one = asked.form
    return PodSpec(
        one.image,
        tuple(one.command),
        env=dict(one.env),
        ports=tuple(one.ports),
        cpu=one.cpu,
        memory_mb=one.memory_mb,
        files=dict(one.files),
        pull=one.pull,
        secrets=tuple(one.secrets),
    )


def _wrong(asked: PodRequest) -> tuple[FormError, ...]:
    if asked.manifest:
        found = list(form.placed(asked.name, asked.namespace, asked.timeout_s))
        if len(asked.manifest) > MOST_MANIFEST:
            found.append(form.Complaint("manifest", f"a manifest has at most {MOST_MANIFEST:,} characters"))
    else:
        secrets = dict(asked.form.secrets)
        found = form.complaints(asked.name, asked.namespace, spec_of(asked), secrets, asked.timeout_s)
    return tuple(FormError(field=one.field, words=one.words) for one in found)


def _remarks(diagnostics: Iterable[Diagnostic]) -> tuple[Remark, ...]:
    ordered = sorted(diagnostics, key=lambda one: (one.line, one.column))
    return tuple(Remark(one.code, one.severity, one.line, one.column, one.message, one.hint) for one in ordered)


def _exists(found: Object | None, *, is_ours: bool) -> str:
    if found is None:
        return ""
    name = metadata.full_name(found)
    if is_ours:
        return f"pod {name} runs already by this very request: starting it again finds it"
    owner = metadata.annotations(found).get(WORKFLOW, "")
    return f"pod {name} is there already{', and Sluiceway runs it' if owner else ', and Sluiceway did not create it'}"


def diff(found: Object, manifest: Manifest) -> str:
    """From what runs to the manifest, in what that speaks of."""
    wanted = Node(manifest)["spec"].object()
    live = comparison.like(Node(found)["spec"].object(), wanted)
    lines = difflib.unified_diff(
        _yaml(live).splitlines(), _yaml(wanted).splitlines(), "running", "this one", lineterm="", n=2
    )
    return "\n".join(list(lines)[:2_000])


def _yaml(value: object) -> str:
    """What is in two places is written in both."""
    value = json.loads(json.dumps(value))
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=200)


# -- quotas ------------------------------------------------------------------------------------------------------------


def room(server: PodReader, manifest: Manifest, namespace: str) -> str:
    """Why a quota of the namespace does not take it; empty: it does, or nobody may read the quotas."""
    try:
        quotas = server.items("v1", "ResourceQuota", namespace)
    except SluicewayError:
        return ""
    return "; ".join(fits(asked_of(manifest), _rooms(quotas, namespace)).reasons)


def _rooms(quotas: Iterable[Object], namespace: str) -> list[QuotaRoom]:
    rooms = []
    for quota in map(Node, quotas):
        used, scopes = quota.at("status", "used").strings(), tuple(quota.at("spec", "scopes").texts())
        for resource, hard in quota.at("status", "hard").strings().items():
            rooms.append(
                QuotaRoom(
                    namespace=namespace,
                    quota=quota.at("metadata", "name").text(),
                    resource=resource,
                    hard=quantity(hard),
                    used=quantity(used.get(resource, "0")),
                    scopes=scopes,
                )
            )
    return rooms


def asked_of(manifest: Manifest) -> Asked:
    """What all containers of a pod request together; those that run before it count where one needs more."""
    spec = Node(manifest)["spec"]

    def most(part: str, resource: str, unit: float) -> int:
        def of(one: Node) -> float:
            named = one.at("resources", part).strings()
            limit = one.at("resources", "limits").strings()
            return quantity(named.get(resource) or limit.get(resource) or "0")

        together = sum(of(one) for one in spec["containers"])
        first = max((of(one) for one in spec["initContainers"]), default=0.0)
        return round(max(together, first) / unit)

    return Asked(
        pods=1,
        cpu_m=most("requests", "cpu", 0.001),
        memory_mb=most("requests", "memory", MIB),
        cpu_limit_m=most("limits", "cpu", 0.001),
        memory_limit_mb=most("limits", "memory", MIB),
    )
