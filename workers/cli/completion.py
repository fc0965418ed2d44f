"""completion: names of commands and options in a shell."""

from __future__ import annotations

import click

from workers.views.output import out_lines


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a shell completion script, for example: eval "$(sluiceway completion bash)"."""
    from click.shell_completion import get_completion_class

    from workers.cli.main import cli

    found = get_completion_class(shell)
    assert found is not None, "click knows each shell that the argument allows"
    out_lines(found(cli, {}, "sluiceway", "_SLUICEWAY_COMPLETE").source())
