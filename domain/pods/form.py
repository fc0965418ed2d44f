"""What a pod can be made of: complaints by field of a form, and remarks by the path of a manifest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.core import names
from domain.core.documents import Manifest, Node
from domain.pods.manifest import PodSpec
from domain.secrets import reference

MOST_NAME = 50
"""Characters: the number of an attempt and the names of what belongs to the pod stand behind it."""
MOST_FILE_BYTES = 500_000
"""Of all files together: they are kept in a ConfigMap, which has a megabyte."""
MOST_ENTRIES = 100
"""Variables, ports or files."""
MOST_CORES, MOST_MEMORY_MB, MOST_PORT = 1_000.0, 10_000_000, 65_535
LONGEST_S = 7 * 86_400.0
_IMAGE = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._:/@-]{0,400}", re.ASCII)
_PATH = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*", re.ASCII)
CODE = "SLW466"
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Complaint:
    """What cannot be so, and in which field: `image`, `ports`, `env`."""

    field: str
    words: str


@dataclass(frozen=True)
class PodRemark:
    """Something in a manifest that people should know, with its path from the root."""

    path: Path
    words: str
    fix: str = ""
    is_error: bool = False


def complaints(name: str, namespace: str, spec: PodSpec, secrets: dict[str, str], timeout_s: float) -> list[Complaint]:
    """Everything that is wrong, in the order of the form."""
    return [*placed(name, namespace, timeout_s), *_spec(spec), *_secrets(spec, secrets), *_files(spec)]


def placed(name: str, namespace: str, timeout_s: float) -> Iterator[Complaint]:
    """What is wrong with where it is to run, and how long."""
    for field, text in (("namespace", namespace), ("name", name)):
        if why := names.complaint(text):
            yield Complaint(field, why)
    if len(name) > MOST_NAME:
        yield Complaint("name", f"it has {len(name)} characters, and a pod's name here has at most {MOST_NAME}")
    if not 1 <= timeout_s <= LONGEST_S:
        yield Complaint("timeout", f"a pod has 1 to {LONGEST_S:.0f} seconds")


def _spec(spec: PodSpec) -> Iterator[Complaint]:
    if not _IMAGE.fullmatch(spec.image):
        yield Complaint("image", "this is no name of an image" if spec.image else "an image is needed")
    for port in spec.ports:
        if not 1 <= port <= MOST_PORT:
            yield Complaint("ports", f"{port} is no port: they are 1 to {MOST_PORT}")
    if not 0 <= spec.cpu <= MOST_CORES:
        yield Complaint("cpu", f"a limit is 0 to {MOST_CORES:g} cores; 0 is none")
    if not 0 <= spec.memory_mb <= MOST_MEMORY_MB:
        yield Complaint("memory", f"a limit is 0 to {MOST_MEMORY_MB} MB; 0 is none")
    for field, many in (("env", spec.env), ("ports", spec.ports), ("files", spec.files), ("secrets", spec.secrets)):
        if len(many) > MOST_ENTRIES:
            yield Complaint(field, f"these are {len(many)}, and at most {MOST_ENTRIES} can be")
    for variable in spec.env:
        if not reference.VARIABLE.fullmatch(variable):
            yield Complaint("env", f"'{variable[:60]}' is no name of a variable")


def _secrets(spec: PodSpec, secrets: dict[str, str]) -> Iterator[Complaint]:
    for variable, secret in secrets.items():
        if not reference.VARIABLE.fullmatch(variable):
            yield Complaint("secrets", f"'{variable[:60]}' is no name of a variable")
        elif variable in spec.env:
            yield Complaint("secrets", f"{variable} has a value already")
        if why := reference.complaint(secret):
            yield Complaint("secrets", f"'{secret[:60]}' is no name of a secret: {why}")


def _files(spec: PodSpec) -> Iterator[Complaint]:
    for path in spec.files:
        if not _PATH.fullmatch(path) or any(part in (".", "..") for part in path.split("/")):
            yield Complaint("files", f"'{path[:60]}' is no path below /etc/sluiceway")
    if sum(len(text.encode()) for text in spec.files.values()) > MOST_FILE_BYTES:
        yield Complaint("files", f"all files together have at most {MOST_FILE_BYTES:,} bytes")


# -- manifests -------------------------------------------------------------------------------------------------------


def remarks(manifest: Manifest) -> list[PodRemark]:
    """Errors, then what the restricted pod security standard warns of.

    Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    spec = Node(manifest)["spec"]
    if Node(manifest)["kind"].text() != "Pod" or Node(manifest)["apiVersion"].text("v1") != "v1":
        return [PodRemark(("kind",), "this is not a Pod manifest", "write apiVersion: v1 and kind: Pod", is_error=True)]
    if not list(spec["containers"]):
        return [PodRemark(("spec", "containers"), "a pod needs at least one container", is_error=True)]
    return [*_of_pod(spec), *(one for at in _containers(spec) for one in _of_container(*at))]


def _containers(spec: Node) -> Iterator[tuple[Path, Node]]:
    for part in ("initContainers", "containers"):
        for at, one in enumerate(spec[part]):
            yield ("spec", part, at), one


def _of_pod(spec: Node) -> Iterator[PodRemark]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if spec[field].value is True:
            yield PodRemark(("spec", field), f"{field} takes the pod out of its isolation")
    for at, volume in enumerate(spec["volumes"]):
        if volume["hostPath"]:
            yield PodRemark(("spec", "volumes", at, "hostPath"), "hostPath reads and writes files of the node")
    if spec["automountServiceAccountToken"].value is not False:
        fix = "write automountServiceAccountToken: false where the pod does not ask the API server"
        yield PodRemark(("spec",), "the pod gets a token for the API server", fix)


def _of_container(path: Path, one: Node) -> Iterator[PodRemark]:
    image = one["image"].text()
    for field in ("name", "image"):
        if not one[field].text():
            yield PodRemark(path, f"the container has no {field}", is_error=True)
    if image and "@" not in image and image.rpartition("/")[2].partition(":")[2] in ("", "latest"):
        yield PodRemark((*path, "image"), "nobody knows which version this image is", "write a tag or a digest")
    security = one["securityContext"]
    if security["privileged"].value is True:
        yield PodRemark((*path, "securityContext", "privileged"), "a privileged container may do all that its node may")
    if not one.at("resources", "limits"):
        yield PodRemark(path, "without limits it may take all of its node", "write resources.limits")
