"""Where a command is done: in the engine of this home, or at a server far away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from os import environ

import click

META = "sluiceway.server"
"""Where the context of the command line keeps what `--server` says."""
VARIABLE = "SLUICEWAY_SERVER"
OPTION = "--server"
LOCAL = frozenset({"lint", "plan", "schema", "test", "server", "import", "dial-out"})
"""Commands that ask no engine, so they run here wherever the engine is."""
ALONE = frozenset({"dial-out"})
"""Those of `LOCAL` that need nothing of the engine: the image of that worker has no more than it loads."""
HOST = frozenset(
    {
        *("watch", "hook", "diff", "bundle", "judge", "render"),
        *("scan", "rescan", "verify", "db", "tools", "doctor", "volume"),
        *("identity", "suppression", "secret", "recover"),
        *("up", "down", "status", "worker", "keys", "signer", "gc", "demo"),
    }
)
"""Commands that touch files, processes or keys of the engine's own machine. The others ask whoever is named."""
SERVED = {"cluster": "clusters_served:cluster"}
"""Groups of which a server has a part: its commands are those of the host, without what the others load."""
TEXTS = {"lint": "texts:lint_", "plan": "texts:plan"}
"""Those of `LOCAL` that a server does where this machine has no engine."""


def server_in(args: Sequence[str]) -> tuple[str, list[str]]:
    """What `--server` says, and the arguments without it. What stands behind `--` is not ours.

    Raises:
        click.UsageError: it has no value.
    """
    kept: list[str] = []
    given, rest = "", list(args)
    while rest:
        one = rest.pop(0)
        if one == "--":
            return given, [*kept, one, *rest]
        if one == OPTION:
            if not rest:
                raise click.UsageError(f"Option '{OPTION}' requires an argument.")
            given = rest.pop(0)
        elif one.startswith(f"{OPTION}="):
            given = one.partition("=")[2]
        else:
            kept.append(one)
    return given, kept


def has_engine() -> bool:
    """Whether this installation has an engine; the thin client has none."""
    return find_spec("temporalio") is not None and find_spec("workflows") is not None


def said(ctx: click.Context | None, env: Mapping[str, str] = environ) -> str:
    """What `--server` or SLUICEWAY_SERVER names; empty: nothing."""
    option = str(ctx.find_root().meta.get(META, "")) if ctx else ""
    return option or env.get(VARIABLE, "")


def placed(name: str, near: str, ctx: click.Context) -> str:
    """`module:attribute` below workers/cli of a command; `near`: that of the engine's own.

    What is no command of a server says so when it is run, so that its name and its place in the help stay.
    """
    if name in TEXTS and not has_engine():
        return TEXTS[name]
    if name in ALONE and find_spec("workers.dialling") is not None:
        return near
    if has_engine() and (name in LOCAL or not said(ctx)):
        return near
    if name in HOST or name in LOCAL:
        return "host:here"
    return SERVED.get(name, near)
