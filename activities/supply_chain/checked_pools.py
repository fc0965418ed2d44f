"""Connections that are given up, before a byte is sent, when the address at their other end may not be asked.

A name is resolved twice, once to look at it and once to connect, and its owner may answer otherwise the second time.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

Check = Callable[[str], str]
"""An address to why nothing may be sent to it; empty: it may."""


def checked_pools(check: Check) -> Mapping[str, type[HTTPConnectionPool]]:
    """Pools by scheme, as `PoolManager.pool_classes_by_scheme`."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _checked(self, super()._new_conn(), check)

    class Secured(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _checked(self, super()._new_conn(), check)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecuredPool(HTTPSConnectionPool):
        ConnectionCls = Secured

    return {"http": PlainPool, "https": SecuredPool}


def _checked(of: HTTPConnection, made: socket.socket, check: Check) -> socket.socket:
    """Raises NewConnectionError: its other end may not be asked."""
    if why := check(str(made.getpeername()[0])):
        made.close()
        raise NewConnectionError(of, why)
    return made
