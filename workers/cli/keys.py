"""keys: the keys that the engine's messages are sealed and encrypted with."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from domain.access.actions import Action
from workers.cli.common import as_json, print_json
from workers.cli.recorded import recorded
from workers.core.settings import current
from workers.views.output import out

if TYPE_CHECKING:
    from workers.core.keyring import Keyring


@click.group("keys")
def keys() -> None:
    """Manage the keys with which this engine's processes seal and encrypt their messages."""


def _ring() -> Keyring:
    from workers.core.keyring import Keyring

    return Keyring.of_home(current().home)


@keys.command("list")
@as_json
def list_(json_: bool) -> None:
    """List the keys, the newest last: it seals, and all of them verify."""
    known = _ring().all()
    newest, encrypts = known.keys[-1], known.hiding == "now"
    rows = [
        {
            "id": key.id,
            "made_at": key.made_at,
            "seals": key is newest,
            "encrypts": encrypts and key is newest,
            "executions_without": len(known.before),
        }
        for key in known.keys
    ]
    if json_:
        print_json(rows)
        return
    for key in known.keys:
        made = time.strftime("%Y-%m-%d %H:%M", time.localtime(key.made_at))
        out(f"{key.id}  made {made}  {'seals and verifies' if key is newest else 'verifies'}")
    out("payloads are encrypted" if encrypts else "payloads are not encrypted: `sluiceway keys encrypt`")
    if known.before:
        out(f"{len(known.before)} executions from before the first key may lack seals; `sluiceway up` listed them")


@keys.command("rotate")
@as_json
@recorded(Action.SECRETS_WRITE)
def rotate(json_: bool) -> None:
    """Make a new key, which seals from now on in every process; nothing is restarted.

    Older keys verify until nothing needs them any more; the worker removes them then.
    """
    new = _ring().rotate()
    if json_:
        print_json({"id": new})
        return
    out(f"key {new} seals from now on; older keys verify until nothing needs them")


@keys.command("encrypt")
@click.option("--off", is_flag=True, help="Encrypt no more. What is encrypted already stays so, and is read.")
@as_json
@recorded(Action.SECRETS_WRITE)
def encrypt(off: bool, json_: bool) -> None:
    """Encrypt what Temporal keeps, in every process at once; nothing is restarted.

    What lies there already stays as it is.
    """
    _ring().hide(not off)
    if json_:
        print_json({"encrypts": not off})
        return
    out("payloads are encrypted from now on" if not off else "payloads are not encrypted from now on")
