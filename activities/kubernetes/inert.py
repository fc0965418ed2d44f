"""Kubeconfigs whose content comes from elsewhere: a secret, or another cluster. They name nothing of this machine.

A kubeconfig may name programs, which run as the engine, and files, whose content goes to the server that it names. One
that its owner has put into a file of this machine may do so; nobody else's.
Source: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
"""

from __future__ import annotations

from typing import cast

import yaml

from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.core.values import Json

MOST_BYTES = 200_000
PROGRAMS = ("exec", "auth-provider")
FILES = ("client-certificate", "client-key", "certificate-authority", "tokenFile")
FIX = "use one with a token, or with certificates as data; what runs a program is named as file:PATH by hand"


def inert(text: str, where: str) -> str:
    """The same text.

    Raises:
        SluicewayError: SLW943, it is no kubeconfig, or names a program or a file.
    """
    if len(text) > MOST_BYTES:
        raise _unusable(where, f"it has more than {MOST_BYTES:,} characters")
    try:
        said = Node(cast("Json", yaml.safe_load(text)))
        named = _named(said)
    except (yaml.YAMLError, ValueError, RecursionError) as broken:
        raise _unusable(where, str(broken)[:300]) from broken
    if named:
        raise _unusable(where, f"it names {named} of this machine, and comes from elsewhere")
    return text


def _named(said: Node) -> str:
    for entries, of_each in (("users", "user"), ("clusters", "cluster")):
        for one in said[entries]:
            settings = one[of_each].object()
            for key in (*PROGRAMS, *FILES):
                if settings.get(key):
                    return f"a {'program' if key in PROGRAMS else 'file'} ({of_each}.{key})"
    return ""


def _unusable(where: str, why: str) -> SluicewayError:
    return SluicewayError("SLW943", f"{where} is not a usable kubeconfig", why=why, fix=FIX)
