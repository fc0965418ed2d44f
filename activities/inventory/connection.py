"""Requests to one API server, by the access that Kube has opened: lists as they are, watches line by line.

Asyncio, so that a watch is a connection and not a thread. Headers are asked of the client's configuration for each
request: a token or a credential program refreshes itself there.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import cast

import httpx2
from kubernetes.client import Configuration
from kubernetes.client.rest import should_bypass_proxies

from activities.inventory.decoding import document
from activities.kubernetes.client import Kube
from activities.kubernetes.port import GoneError
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.core.values import Json

CONNECT_S, READ_S = 5.0, 60.0
WHOLE_S = 300.0
"""What an answer may take altogether: one that comes byte by byte is none."""
MOST_BODY, MOST_LINE = 16_000_000, 8_000_000
"""Bytes of a page, of which a smaller part is asked for then; of an event, which etcd keeps below 1.5 MB."""
UNPACKED = 1_000_000
"""Bytes that are unpacked at once: a kilobyte on the wire can be a megabyte, and nobody asked for it."""
MOST_CONNECTIONS = 64
GZIP = 31
"""The window of zlib's unpacker that says so."""
Query = Mapping[str, str]


class AwayError(SluicewayError):
    """The server does not answer, or not this credential: nobody knows how the cluster is."""

    transient = True


class BusyError(SluicewayError):
    """The server answers, but not this request now."""

    transient = True


class LateError(BusyError):
    """The server answered too slowly while other clusters waited for their turn."""


class RefusedKindError(SluicewayError):
    """This credential may not read a kind, or the cluster does not serve it."""


class TooLargeError(SluicewayError):
    """An answer is larger than anybody keeps in memory."""


class Connection:
    """Used as a context; every request of it may raise AwayError, and BusyError, RefusedKindError or GoneError by what
    the server answers.
    """

    def __init__(self, kube: Kube) -> None:
        self._kube, self.whole_s = kube, WHOLE_S
        self._stack = AsyncExitStack()
        self.served: bytes = b""
        """The server's certificate, as DER; empty: it was not asked yet, or has none."""

    async def __aenter__(self) -> Connection:
        self._settings, client = await asyncio.to_thread(self._made)
        self._client = await self._stack.enter_async_context(client)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _made(self) -> tuple[Configuration, httpx2.AsyncClient]:
        try:
            settings = self._kube.api.configuration
            proxy = settings.proxy or None
            if proxy and should_bypass_proxies(settings.host, settings.no_proxy or ""):
                proxy = None
            return settings, httpx2.AsyncClient(
                base_url=settings.host,
                verify=_tls(settings),
                proxy=proxy,
                trust_env=False,
                timeout=httpx2.Timeout(READ_S, connect=CONNECT_S),
                limits=httpx2.Limits(max_connections=MOST_CONNECTIONS),
            )
        except (OSError, ValueError) as broken:  # ssl.SSLError is one; a proxy or a host that is no address
            raise AwayError("SLW943", "the kubeconfig is not usable", why=str(broken)[:300]) from broken
        except SluicewayError as broken:
            raise AwayError(broken.code, broken.what, why=broken.why) from broken

    @property
    def client_certificate(self) -> str:
        """Path of the file that this access proves itself by; empty: it has none."""
        return str(self._settings.cert_file or "")

    async def get(
        self, path: str, query: Query | None = None, most: int = MOST_BODY, silent_s: float = READ_S
    ) -> bytes:
        """The body of an answer; `silent_s`: after so many seconds without a byte the server is away.

        Raises:
            TooLargeError: it has more than `most` bytes.
        """
        body = bytearray()
        try:
            async with asyncio.timeout(self.whole_s), self._asked(path, query or {}, silent_s) as answer:
                async for part in _parts(answer):
                    body += part
                    if len(body) > most:
                        raise TooLargeError("SLW943", f"the API server answers more than {most:,} bytes to GET {path}")
        except TimeoutError as late:
            why = f"it has not answered whole within {self.whole_s:g} s"
            raise AwayError("SLW943", f"the API server does not respond (GET {path})", why=why) from late
        return bytes(body)

    async def lines(self, path: str, query: Query, silent_s: float, opened: Callable[[], None]) -> AsyncIterator[bytes]:
        """The lines of an answer as they come; `opened` is called before the first, which may come late."""
        rest = bytearray()  # grows in place: a server may send a line byte by byte
        async with self._asked(path, query, silent_s) as answer:
            opened()
            async for part in _parts(answer):
                *whole, last = part.split(b"\n")
                for line in whole:
                    rest += line
                    if rest:
                        yield bytes(rest)
                    rest.clear()
                rest += last
                if len(rest) > MOST_LINE:
                    raise TooLargeError("SLW943", f"an event of {path} has more than {MOST_LINE:,} bytes")

    @asynccontextmanager
    async def _asked(self, path: str, query: Query, silent_s: float) -> AsyncIterator[httpx2.Response]:
        timeout = httpx2.Timeout(silent_s, connect=CONNECT_S)
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip", **await self._headers()}
        more = {"sni_hostname": self._settings.tls_server_name} if self._settings.tls_server_name else {}
        try:
            async with self._client.stream(
                "GET", path, params=dict(query), headers=headers, timeout=timeout, extensions=more
            ) as answer:
                self._notice(answer)
                if answer.status_code != 200:
                    _raise(answer.status_code, await _start(answer), path)
                yield answer
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as broken:
            why = str(broken)[:300] or type(broken).__name__
            raise AwayError("SLW943", f"the API server does not respond (GET {path})", why=why) from broken

    async def _headers(self) -> dict[str, str]:
        if self._settings.refresh_api_key_hook is None:
            return _headers(self._settings)
        try:
            return await asyncio.to_thread(_headers, self._settings)  # it may run a program
        except Exception as broken:  # of a plugin: whatever it raises, there is no credential now
            raise AwayError("SLW943", "the credential cannot be refreshed", why=str(broken)[:300]) from broken

    def _notice(self, answer: httpx2.Response) -> None:
        stream = answer.extensions.get("network_stream")
        secured = stream.get_extra_info("ssl_object") if stream else None
        if secured is not None:
            self.served = secured.getpeercert(binary_form=True) or b""


def _headers(settings: Configuration) -> dict[str, str]:
    every = (Node(cast("Json", one)) for one in settings.auth_settings().values())
    return {one["key"].text(): one["value"].text() for one in every if one["in"].text() == "header" and one["value"]}


def _tls(settings: Configuration) -> ssl.SSLContext:
    if settings.verify_ssl:
        made = ssl.create_default_context(cafile=settings.ssl_ca_cert or None, cadata=settings.ca_cert_data or None)
        made.check_hostname = settings.assert_hostname is not False
    else:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    if settings.cert_file:
        made.load_cert_chain(settings.cert_file, settings.key_file or None)
    return made


async def _parts(answer: httpx2.Response) -> AsyncIterator[bytes]:
    """The body in small parts, however it is packed.

    Raises:
        BusyError: it is packed in another way than was asked for, or broken.
    """
    how = answer.headers.get("Content-Encoding", "").strip().lower()
    if how not in ("", "identity", "gzip"):
        raise BusyError("SLW943", "the API server packs its answer as nobody asked", why=how[:100])
    if how != "gzip":
        async for part in answer.aiter_raw():
            yield part
        return
    unpacker = zlib.decompressobj(GZIP)
    async for part in answer.aiter_raw():
        rest = part
        while rest and not unpacker.eof:
            try:
                yield unpacker.decompress(rest, UNPACKED)
            except zlib.error as broken:
                raise BusyError("SLW943", "the API server's answer cannot be unpacked", why=str(broken)) from broken
            rest = unpacker.unconsumed_tail


async def _start(answer: httpx2.Response) -> bytes:
    """The beginning of a refusal's words."""
    body = b""
    async for part in _parts(answer):
        body += part
        if len(body) > 10_000:
            break
    return body


def _raise(status: int, body: bytes, path: str) -> None:
    said = words(status, body)
    what = f"the API server refused GET {path}"
    if status == 410:
        raise GoneError("SLW943", "the version is too old", why=said, status=status)
    if status == 404:
        said = "the cluster does not serve it"
    if status in (403, 404, 405, 406):
        raise RefusedKindError("SLW943", what, why=said, status=status)
    if status == 401:
        raise AwayError("SLW943", "the API server does not take this credential", why=said, status=status)
    raise BusyError("SLW943", what, why=said, status=status)


def words(status: int, body: bytes) -> str:
    """A refusal in the server's words: `403: pods is forbidden`."""
    try:
        said = Node(document(body))["message"].text()
    except SluicewayError:
        said = body[:200].decode("utf-8", "replace")
    return f"{status}: {said[:300]}".removesuffix(": ")
