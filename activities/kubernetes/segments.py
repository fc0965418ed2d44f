"""Names in addresses of an API server: a name that leads elsewhere is none.

The official client puts names into paths as they are, and the connection then takes `..` out: `pods/../secrets/x` is a
Secret, and `pods/..` is the namespace. Names of objects are the server's own, but those in messages, in orders and in
references from one object to another are strangers'.
Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#path-segment-names
"""

from __future__ import annotations

import re

from domain.core.errors import SluicewayError

_LEADS_ON = re.compile(r"[/\\%?#\x00-\x20\x7f]")


def must_be_names(*names: str | None) -> None:
    """Each can stand in a path. None and empty: there is none.

    Raises:
        SluicewayError: SLW943.
    """
    for name in names:
        if name and (name in (".", "..") or _LEADS_ON.search(name)):
            raise SluicewayError("SLW943", f"{name[:100]!r} is no name of an object", status=404)


def must_lead_there(path: str) -> None:
    """The path is the one that is asked for.

    Raises:
        SluicewayError: SLW943.
    """
    must_be_names(*(part for part in path.split("/") if part in (".", "..")))
