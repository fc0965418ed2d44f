"""OCI registries: signatures and attestations stored like cosign does, and artifacts.

cosign's storage (github.com/sigstore/cosign, specs/SIGNATURE_SPEC.md): statements about `NAME@sha256:HEX` are a
manifest at the tag `sha256-HEX.sig` or `sha256-HEX.att`, with a layer for each signature.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from activities.authority.port import Signer
from activities.supply_chain.registry_access import Credentials, RegistryAccess
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.core.values import Json
from domain.supply_chain import attestation

SIGNATURE = "dev.cosignproject.cosign/signature"
SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
ENVELOPE = "application/vnd.dsse.envelope.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
MAX_LAYERS = 200
MAX_BLOB_BYTES = 20_000_000
_log = logging.getLogger("sluiceway.supply_chain")


class Registry:
    """The registry of one image by digest: `NAME@sha256:…`. Without a login it uses this machine's of Docker."""

    def __init__(self, reference: str, *, inside: bool = True, login: Credentials | None = None) -> None:
        """Raises:
        SluicewayError: SLW837, not a reference by digest.
        """
        self._name, _, digest = reference.partition("@sha256:")
        if len(digest) != 64:
            raise SluicewayError("SLW837", f"'{reference}' is not a reference by digest", fix="write NAME@sha256:…")
        self._hex = digest
        self._remote = Remote(self._name, inside=inside, login=login)

    def sign(self, signer: Signer) -> None:
        """Adds a signature that `cosign verify --key` accepts. Idempotent for the same key."""
        said = {
            "critical": {
                "identity": {"docker-reference": self._name},
                "image": {"docker-manifest-digest": f"sha256:{self._hex}"},
                "type": "cosign container image signature",
            },
            "optional": None,
        }
        payload = json.dumps(said, separators=(",", ":")).encode()
        signature = base64.b64encode(signer.sign(payload)).decode()
        self._add("sig", payload, SIMPLE_SIGNING, {SIGNATURE: signature}, once=True)

    def attach(self, kind: str, envelope: bytes) -> None:
        """Adds a signed statement that `cosign verify-attestation --key` accepts."""
        self._add("att", envelope, ENVELOPE, {SIGNATURE: "", "predicateType": kind})

    def statements(self) -> list[bytes]:
        """Envelopes, latest last. The caller verifies them.

        Raises:
            SluicewayError: SLW838, the registry gives no valid answer.
        """
        layers = [one for one in map(Node, self._layers("att")) if one["mediaType"].value == ENVELOPE]
        return [self._remote.blob(one["digest"].text()) for one in layers]

    def _layers(self, suffix: str) -> list[Object]:
        manifest = self._remote.manifest(f"sha256-{self._hex}.{suffix}")
        layers = [one.value for one in Node(manifest)["layers"]]
        return [one for one in layers if isinstance(one, Mapping)][-MAX_LAYERS:]

    def _add(self, suffix: str, data: bytes, media: str, notes: Mapping[str, str], *, once: bool = False) -> None:
        layer = {**described(data, media), "annotations": dict(notes)}
        layers = self._layers(suffix)
        if any(one.get("digest") == layer["digest"] for one in layers) and (once or media == ENVELOPE):
            return
        layers.append(layer)
        ids = [Node(one)["digest"].text() for one in layers]
        config: Manifest = {"architecture": "", "os": "", "config": {}, "rootfs": {"type": "layers", "diff_ids": ids}}
        written = json.dumps(config, separators=(",", ":")).encode()
        for blob, entry in ((data, layer), (written, described(written, CONFIG))):
            self._remote.put_blob(blob, entry)
        manifest: Manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": described(written, CONFIG),
            "layers": layers,
        }
        self._remote.put_manifest(f"sha256-{self._hex}.{suffix}", manifest)


def publish(access: RegistryAccess, reference: str, kind: str, envelope: bytes, signer: Signer) -> None:
    """Publishes a statement beside its image. Provenance comes first, with a plain signature.

    Nothing is sent to a registry that may not be asked: an image that was pushed there before stays as it is.

    Raises:
        SluicewayError: SLW838, the registry refuses it.
    """
    if why := access.refusal(reference):
        _log.warning("no statement is published beside %s: %s", reference[:200], why)
        return
    registry = Registry(reference, inside=access.names(reference), login=access.of_engine(reference))
    if kind == attestation.PROVENANCE:
        registry.sign(signer)
    registry.attach(kind, envelope)


def described(data: bytes, media: str) -> Manifest:
    """An OCI descriptor: media type, size and digest of the data (image-spec, descriptor.md)."""
    return {"mediaType": media, "size": len(data), "digest": f"sha256:{hashlib.sha256(data).hexdigest()}"}


class Remote:
    """One repository. Unexpected answers are errors, and blobs are verified by digest."""

    def __init__(self, name: str, *, inside: bool = True, login: Credentials | None = None) -> None:
        """`inside`: whether the registry may have an address that is not public; False where a stranger names it."""
        from activities.supply_chain.oras_client import connected  # imported lazily: see there

        self._container, self._client = connected(name, inside=inside, login=login)

    def manifest(self, tag: str = "") -> Object | None:
        """The manifest at a tag; by default the name's own. None: it does not exist."""
        with _answering(str(self._container.registry), str(self._container.uri)):
            url = f"{self._client.prefix}://{self._container.manifest_url(tag or None)}"
            answer = self._client.do_request(url, headers={"Accept": MANIFEST})
            if answer.status_code == 404:
                return None
            answer.raise_for_status()
            found: Json = answer.json()
            if not isinstance(found, Mapping):
                raise ValueError("the manifest is not an object")
            return found

    def head(self, tag: str, accept: str) -> tuple[int, str]:
        """The status of a manifest's headers, and the digest they tell (distribution-spec, "Pulling manifests").

        Raises:
            SluicewayError: SLW838, the registry does not answer, or asks to come back later.
        """
        with _answering(str(self._container.registry), str(self._container.uri)):
            url = f"{self._client.prefix}://{self._container.manifest_url(tag)}"
            answer = self._client.asked(url, {"Accept": accept})
            if answer.status_code == 429 or answer.status_code >= 500:
                answer.raise_for_status()
            return answer.status_code, answer.headers.get("Docker-Content-Digest", "")[:100]

    def blob(self, digest: str) -> bytes:
        """In memory, up to MAX_BLOB_BYTES."""
        with tempfile.NamedTemporaryFile() as file:
            self.blob_into(digest, Path(file.name), MAX_BLOB_BYTES)
            return Path(file.name).read_bytes()

    def blob_into(self, digest: str, path: Path, limit_bytes: int) -> None:
        """Verified by digest while it is written."""
        with _answering(str(self._container.registry), str(self._container.uri)), path.open("wb") as file:
            answer = self._client.get_blob(self._container, digest, stream=True)
            answer.raise_for_status()
            found, size = hashlib.sha256(), 0
            for part in answer.iter_content(1 << 16):
                size += len(part)
                if size > limit_bytes:
                    raise ValueError(f"it is larger than {limit_bytes / 1e6:g} MB")
                found.update(part)
                file.write(part)
            if f"sha256:{found.hexdigest()}" != digest:
                raise ValueError(f"the registry has different content for {digest}")

    def put_blob(self, data: bytes, entry: Object) -> None:
        """`entry`: its descriptor."""
        with _answering(str(self._container.registry), str(self._container.uri)), tempfile.NamedTemporaryFile() as file:
            Path(file.name).write_bytes(data)
            self._client.upload_blob(file.name, self._container, entry).raise_for_status()

    def put_manifest(self, tag: str, manifest: Object) -> None:
        """Under a tag, which then names this manifest."""
        with _answering(str(self._container.registry), str(self._container.uri)):
            url = f"{self._client.prefix}://{self._container.manifest_url(tag)}"
            self._client.do_request(url, "PUT", json=manifest, headers={"Content-Type": MANIFEST}).raise_for_status()


@contextmanager
def _answering(registry: str, where: str) -> Iterator[None]:
    import requests  # imported lazily, like the client: most callers have no image

    try:
        yield
    except (requests.RequestException, ValueError, KeyError) as broken:
        what = f"the registry {registry} failed"
        fix = "check that it is up, and log in with docker login"
        raise SluicewayError("SLW838", what, where=where, why=str(broken)[:300], fix=fix, transient=True) from broken
