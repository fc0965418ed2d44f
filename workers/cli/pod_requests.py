"""Options of a pod that is to run, and what they ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from domain.core.errors import DefinitionError
from workers.client.ports.pods import PodForm, PodRequest

F = TypeVar("F", bound=Callable[..., Any])
_OPTIONS = (
    click.option("--image", default="", help="Image to run."),
    click.option("--file", type=click.Path(path_type=Path), help="Pod manifest, instead of --image."),
    click.option("--env", multiple=True, metavar="NAME=VALUE", help="Environment variable; repeatable."),
    click.option(
        "--secret",
        multiple=True,
        metavar="VARIABLE=SECRET",
        help="Environment variable with a secret that `sluiceway secret set --by-hand` keeps; repeatable.",
    ),
    click.option("--port", "ports", multiple=True, type=int, help="Container port; repeatable."),
    click.option("--cpu", default=0.0, help="CPU limit in cores; 0: none."),
    click.option("--memory-mb", default=0, help="Memory limit; 0: none."),
    click.option("--mount", multiple=True, metavar="PATH=FILE", help="Mount FILE as /etc/sluiceway/PATH."),
    click.option("--timeout", default=3600.0, help="Seconds until it must have ended."),
    click.option(
        "--idempotent", is_flag=True, help="Safe to run twice: it may be recreated while its node is unreachable."
    ),
    click.option("--pull", type=click.Choice(["Always", "IfNotPresent", "Never"]), default="IfNotPresent"),
)


def asked_options(command: F) -> F:
    """All of them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def request_of(cluster: str, name: str, manifest: str, given: dict[str, Any]) -> PodRequest:
    """What the options say. Files are read on this machine.

    Raises:
        DefinitionError: SLW501, one is not NAME=VALUE; SLW601, a file cannot be read.
    """
    form = PodForm(
        image=given["image"],
        command=tuple(given["command"]),
        env=_pairs(given["env"]),
        secrets=_pairs(given["secret"]),
        ports=tuple(given["ports"]),
        cpu=given["cpu"],
        memory_mb=given["memory_mb"],
        files={path: text_of(Path(source)) for path, source in _pairs(given["mount"]).items()},
        pull=given["pull"],
    )
    return PodRequest(
        cluster=cluster,
        namespace=given["namespace"],
        name=name,
        form=form,
        manifest=manifest,
        attempt=given["attempt"],
        timeout_s=given["timeout"],
        idempotent=given["idempotent"],
    )


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    for one in given:
        if "=" not in one:
            raise DefinitionError("SLW501", f"'{one}' is not NAME=VALUE")
    return {one.partition("=")[0]: one.partition("=")[2] for one in given}


def text_of(path: Path) -> str:
    """Raises:
    DefinitionError: SLW601, it cannot be read.
    """
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as broken:
        raise DefinitionError("SLW601", "the file cannot be read", where=str(path), why=str(broken)) from broken
