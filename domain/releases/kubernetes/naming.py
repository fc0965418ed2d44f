"""Names and labels of a release's objects: two releases of an environment share none."""

from __future__ import annotations

import re

from domain.clusters import metadata
from domain.core.digests import sha256
from domain.core.documents import Node, Object
from domain.releases.deployment import Deployment

WORKLOADS, TRAFFIC = "sluiceway-release", "sluiceway-traffic"
"""Field managers: of a release's own objects, and of the route and the Service of its service."""
NUMBERS = "sluiceway"
"""Field manager: of the number of pods alone, of a version that an earlier engine has started."""
SERVICE, ENVIRONMENT, RELEASE = "sluiceway.dev/service", "sluiceway.dev/environment", "sluiceway.dev/release"
"""Labels. The value of RELEASE is what selectors name: no other release of a cluster has it."""
STATE = "sluiceway.dev/state"
"""Annotation: the digest of the object as it was applied."""
APP = "app.kubernetes.io"
MAX_LABEL = 63
MAX_SERVICE = 40
"""Characters of a service's name: those of its release's objects are labels of DNS too."""
_OF_A_RELEASE = re.compile(r".*-r[0-9]+(-.*)?", re.ASCII)
_PREVIEW = "-preview"


def object_name(deployment: Deployment) -> str:
    """The name of a release's Deployment, Service and root: `shop-r57`."""
    return f"{deployment.service}-{deployment.instance}"


def words(one: Object) -> str:
    """An object in a sentence: `Deployment shop-r57`."""
    return f"{Node(one)['kind'].text()} {metadata.name(one)}"


def copy_name(name: str, deployment: Deployment) -> str:
    """The name of a release's own copy of an object: `shop-r57.settings`.

    No other name here has a dot, and none begins as those of another service's releases: `billing-r57` is theirs.
    """
    return f"{object_name(deployment)}.{name}"


def env_name(deployment: Deployment) -> str:
    """The name of the Secret with the values of the job's secrets."""
    return f"{object_name(deployment)}-env"


def pull_name(deployment: Deployment) -> str:
    """The name of the Secret that the release's pods pull its images with."""
    return f"{object_name(deployment)}-pull"


def hook_name(deployment: Deployment, hook: str) -> str:
    """The name of the Job of a hook, such as `shop-r57-expand`."""
    return f"{object_name(deployment)}-{hook}"


def release_label(deployment: Deployment) -> str:
    """`SERVICE.ENVIRONMENT.INSTANCE`; with a digest for the environment where a label has no room for its name."""
    whole = f"{deployment.service}.{deployment.environment}.{deployment.instance}"
    if len(whole) <= MAX_LABEL:
        return whole
    short = sha256(f"{deployment.service}\0{deployment.environment}".encode())[:16]
    return f"{deployment.service[:24]}.{short}.{deployment.instance}"[:MAX_LABEL]


def selector(deployment: Deployment) -> dict[str, str]:
    """Labels that the pods of this release have, and no others."""
    return {RELEASE: release_label(deployment)}


def of_service(deployment: Deployment) -> dict[str, str]:
    """Labels that all releases of a service to an environment have."""
    return {SERVICE: deployment.service, ENVIRONMENT: deployment.environment}


def labels(deployment: Deployment) -> dict[str, str]:
    """Labels of every object of a release."""
    return {
        f"{APP}/name": deployment.service,
        f"{APP}/instance": object_name(deployment),
        f"{APP}/version": _label(deployment.spec.version),
        f"{APP}/managed-by": "sluiceway",
        **of_service(deployment),
        **selector(deployment),
    }


def service_labels(deployment: Deployment) -> dict[str, str]:
    """Labels of the route and the Service that a service has in its environment, whatever release is live."""
    return {
        f"{APP}/name": deployment.service,
        f"{APP}/managed-by": "sluiceway",
        **of_service(deployment),
    }


def complaint(deployment: Deployment) -> str:
    """What of a deployment cannot name the objects of a cluster; empty: nothing. See `Deployment.complaint` first."""
    return service_complaint(deployment.service)


def service_complaint(name: str) -> str:
    """Why a service's name cannot name the objects of a cluster; empty: it can.

    A Service's name begins with a letter (RFC 1035, 2.3.1), and `shop-r57` is an object of the service `shop`.
    """
    if len(name) > MAX_SERVICE:
        return f"service {name!r} has {len(name)} characters; with target kubernetes it has at most {MAX_SERVICE}"
    if not name[:1].isalpha():
        return f"service {name!r} begins with no letter, as names of a cluster's Services do"
    if name.endswith(_PREVIEW):
        return f"service {name!r} reads as the preview of another service"
    return f"service {name!r} reads as a release of another service" if _OF_A_RELEASE.fullmatch(name) else ""


def _label(text: str) -> str:
    """A text as the value of a label; empty where nothing of it can be one."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", text)[:MAX_LABEL]
    return plain.strip("-._")
