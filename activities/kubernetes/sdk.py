"""Types for the parts of the official client that are used here; it has none of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypedDict

from kubernetes import client, config
from kubernetes.dynamic import DynamicClient
from kubernetes.stream import stream

from domain.core.documents import Object


class Response(Protocol):
    """A raw response of the API server."""

    @property
    def data(self) -> bytes: ...


class Resource(Protocol):
    """A kind that the server supports, from its discovery."""

    group: str
    kind: str
    name: str
    """Its plural, as in paths."""
    group_version: str
    preferred: bool
    namespaced: bool
    verbs: Sequence[str] | None

    def get(
        self,
        *,
        serialize: bool,
        name: str | None = None,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> Response: ...

    def create(self, *, serialize: bool, body: Object, namespace: str | None, field_manager: str) -> Response: ...

    def patch(
        self, *, serialize: bool, body: Object, name: str, namespace: str | None, content_type: str, field_manager: str
    ) -> Response: ...

    def delete(self, *, serialize: bool, name: str, namespace: str | None, body: Object) -> Response: ...


class Resources(Protocol):
    """All kinds of a server."""

    def get(self, *, api_version: str, kind: str) -> Resource: ...

    def invalidate_cache(self) -> None: ...

    def __iter__(self) -> Iterator[Sequence[Resource]]: ...


class WatchEvent(TypedDict):
    """`type`: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR."""

    type: str
    raw_object: Object


class Dynamic(Protocol):
    """Objects of all kinds, by the server's discovery. `serialize=False`: the raw response."""

    @property
    def resources(self) -> Resources: ...

    def request(
        self,
        method: str,
        path: str,
        *,
        serialize: bool,
        body: Object | None = None,
        query_params: Sequence[tuple[str, str]] = (),
        content_type: str | None = None,
        _request_timeout: tuple[int, int],
    ) -> Response: ...

    def server_side_apply(
        self,
        resource: Resource,
        *,
        serialize: bool,
        body: Object,
        name: str,
        namespace: str | None,
        field_manager: str,
        force_conflicts: bool,
        query_params: list[tuple[str, str]],
    ) -> Response: ...

    def watch(
        self,
        resource: Resource,
        *,
        namespace: str,
        label_selector: str,
        resource_version: str,
        timeout: int,
        allow_watch_bookmarks: bool,
    ) -> Iterator[WatchEvent]: ...


class _Connect(Protocol):
    def __call__(self, client: client.ApiClient, cache_file: str) -> Dynamic: ...


class _Config(Protocol):
    def load_incluster_config(self, client_configuration: client.Configuration) -> None: ...

    def load_kube_config(
        self, config_file: str, context: str | None, client_configuration: client.Configuration, persist_config: bool
    ) -> None: ...

    def load_kube_config_from_dict(
        self, config_dict: Object, context: str | None, client_configuration: client.Configuration
    ) -> None: ...


class ExecStream(Protocol):
    """A command running in a container: its input (channel 0), its outputs (1 and 2)."""

    @property
    def sock(self) -> _Socket | None: ...

    @property
    def returncode(self) -> int | None:
        """None while it runs; may raise any exception after a lost connection."""
        ...

    def is_open(self) -> bool: ...

    def update(self, timeout: float) -> None: ...

    def run_forever(self, timeout: float) -> None: ...

    def peek_channel(self, channel: int) -> bytes: ...

    def read_channel(self, channel: int) -> bytes: ...

    def write_channel(self, channel: int, data: bytes) -> None: ...

    def close(self, *, timeout: float) -> None: ...


class _Socket(Protocol):
    def shutdown(self) -> None: ...


class _Open(Protocol):
    def __call__(
        self,
        api_method: Callable[..., str],
        name: str,
        namespace: str,
        *,
        container: str,
        command: list[str],
        stdin: bool,
        stdout: bool,
        stderr: bool,
        tty: bool,
        binary: bool,
        _preload_content: bool,
    ) -> ExecStream: ...


connect: _Connect = DynamicClient
kubeconfigs: _Config = config
open_stream: _Open = stream
