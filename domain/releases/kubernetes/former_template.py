"""The template of a Deployment that was imported: what its pods were then, and what differs from that later.

Both are what a server has written, so nothing but values is compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from domain.core.documents import Node, Object
from domain.releases.kubernetes import additions, drift
from domain.releases.kubernetes.drift_classes import Finding, Kind
from domain.releases.kubernetes.place import Adopted

LONGEST = 20_000
"""Characters of a template; one that is longer is not kept, and so not compared."""
AT = ("spec", "template")


def kept(workload: Object) -> str:
    """As JSON, without the time of a restart: the same pods once more; empty: it is too long."""
    template = Node(workload).at(*AT)
    about = template["metadata"].object()
    fields = template.at("metadata", "annotations").fields()
    annotations = {key: value.value for key, value in fields if key != additions.RESTARTED}
    said = {**template.object(), "metadata": {**about, "annotations": annotations}}
    text = json.dumps(said, sort_keys=True)
    return text if len(text) <= LONGEST else ""


def findings(adopted: Adopted, live: Object) -> Iterator[Finding]:
    """What differs now. It is told alone: no release has made the Deployment."""
    if not adopted.template:
        return
    then, target = Node(json.loads(adopted.template)), f"Deployment {adopted.workload}"
    about: Object = {"kind": "Deployment", "metadata": {"name": adopted.workload}}
    for key in ("metadata", "spec"):
        path = tuple(f"f:{step}" for step in (*AT, key))
        for one in list(drift.differing(then[key], Node(live).at(*AT, key), path))[: drift.MOST]:
            yield Finding(Kind.FOREIGN, target, f"{target}: {drift.words(one)} is not as it was imported, by whoever")
    for line in additions.lines({**about, "spec": {"template": then.object()}}, live):
        yield Finding(Kind.ADDED, target, line)
