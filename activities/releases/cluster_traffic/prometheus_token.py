"""The token that a Prometheus asks for: in a Secret of the cluster that itself says where it may be sent.

Who registers an environment names the Secret and the address. Without the Secret's own word that would be enough to
have the worker send any Secret it can read to any address.
"""

from __future__ import annotations

import base64
import re

from activities.kubernetes.port import ObjectApi
from domain.clusters import metadata
from domain.core.documents import Node
from domain.core.errors import RefusedError
from domain.releases.kubernetes.counted import Prometheus

FOR = "sluiceway.dev/prometheus"
"""Annotation of the Secret: the address that may have the token, as the environment says it."""
KEY = "token"
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}=*", re.ASCII)
"""RFC 6750, section 2.1."""


def token_of(kube: ObjectApi, wanted: Prometheus) -> str:
    """Blocking; empty: none is wanted.

    Raises:
        RefusedError: SLW869, the Secret is not there, holds no token, or is not for this address.
        SluicewayError: SLW943, the cluster does not give it.
    """
    if not wanted.token:
        return ""
    space, _, name = wanted.token.partition("/")
    secret = kube.get("v1", "Secret", name, space)
    if secret is None:
        raise _refused(wanted, "there is none of this name", "create it, or name another one")
    if metadata.annotations(secret).get(FOR) != wanted.address:
        why = f"its annotation {FOR} does not say that {wanted.address} may have it"
        raise _refused(wanted, why, f"kubectl -n {space} annotate secret {name} {FOR}={wanted.address}")
    try:
        token = base64.b64decode(Node(secret).at("data", KEY).text(), validate=True).decode().strip()
    except ValueError:
        token = ""
    if not _TOKEN.fullmatch(token):
        raise _refused(wanted, f"its `{KEY}` is no token", "put the token alone into it")
    return token


def _refused(wanted: Prometheus, why: str, fix: str) -> RefusedError:
    return RefusedError("SLW869", f"Secret {wanted.token} gives no token for Prometheus", why=why, fix=fix)
