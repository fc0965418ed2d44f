"""pod: what a server does in pods for somebody far away."""

from __future__ import annotations

import click

from workers.cli.exec_sessions import open_


@click.group()
def pod() -> None:
    """Run commands in pods. The other commands of pods work on the engine's own machine."""


pod.add_command(open_)
