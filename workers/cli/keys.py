"""keys: the keys that the engine's messages are sealed with."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from workers.cli.common import as_json, print_json
from workers.core.settings import current
from workers.views.output import out

if TYPE_CHECKING:
    from workers.core.keyring import Keyring


@click.group("keys")
def keys() -> None:
    """Manage the keys with which this engine's processes seal their messages."""


def _ring() -> Keyring:
    from workers.core.keyring import Keyring

    return Keyring.of_home(current().home)


@keys.command("list")
@as_json
def list_(json_: bool) -> None:
    """List the keys, the newest last: it seals, and all of them verify."""
    known = _ring().all()
    rows = [
        {"id": key.id, "made_at": key.made_at, "seals": key is known.keys[-1], "executions_without": len(known.before)}
        for key in known.keys
    ]
    if json_:
        print_json(rows)
        return
    for key in known.keys:
        made = time.strftime("%Y-%m-%d %H:%M", time.localtime(key.made_at))
        out(f"{key.id}  made {made}  {'seals and verifies' if key is known.keys[-1] else 'verifies'}")
    if known.before:
        out(f"{len(known.before)} executions from before the first key may lack seals; `sluiceway up` listed them")


@keys.command("rotate")
@as_json
def rotate(json_: bool) -> None:
    """Make a new key, which seals from now on in every process; nothing is restarted.

    Older keys verify until nothing needs them any more; the worker removes them then.
    """
    new = _ring().rotate()
    if json_:
        print_json({"id": new})
        return
    out(f"key {new} seals from now on; older keys verify until nothing needs them")
