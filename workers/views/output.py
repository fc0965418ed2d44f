"""The only way to a terminal: what it prints has no power over it, unless we coloured it ourselves."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import click

from domain.core import terminal
from domain.core.errors import SluicewayError


@dataclass(frozen=True)
class Styled:
    """Text with a colour of ours. In a format string it is plain text: pass it to `out` as a part of its own."""

    text: str
    colour: str | None = None
    bold: bool | None = None
    dim: bool | None = None

    def __str__(self) -> str:
        return self.text


Part = str | Styled


def styled(text: str, colour: str | None = None, *, bold: bool | None = None, dim: bool | None = None) -> Styled:
    """Text that `out` prints in a colour; on a terminal only."""
    return Styled(text, colour, bold, dim)


def out(*parts: Part, err: bool = False, nl: bool = True) -> None:
    """Prints one line. Control characters are shown, not sent; a line break within is one of them."""
    click.echo("".join(map(_safe, parts)), err=err, nl=nl)


def out_lines(*parts: Part, err: bool = False, nl: bool = True) -> None:
    """As `out`, for text of several lines."""
    click.echo("".join(_safe(part, several=True) for part in parts), err=err, nl=nl)


def out_log(prefix: tuple[Part, ...], text: str, *, err: bool = False, nl: bool = True) -> None:
    """A line that a job or a pod wrote, after parts of ours. On a terminal its colours stay, and nothing else."""
    shown = terminal.log_line(text, colours=(sys.stderr if err else sys.stdout).isatty())
    click.echo("".join(map(_safe, prefix)) + shown, err=err, nl=nl)


def out_stream(data: bytes, *, err: bool = False) -> None:
    """A piece of what a program in a pod writes: as a log on a terminal; as it is in a file or a pipe."""
    if not (sys.stderr if err else sys.stdout).isatty():
        click.echo(data, err=err, nl=False)
        return
    lines = data.decode("utf-8", "replace").split("\n")
    click.echo("\n".join(terminal.log_line(line, colours=True) for line in lines), err=err, nl=False)


def markup(text: str) -> str:
    """Text within a view of rich: without power over the terminal, nor over the view."""
    from rich.markup import escape

    return escape(terminal.one_line(text))


def error_text(error: SluicewayError) -> str:
    """An error for people: what strangers' words say in it is indented, and cannot pass for a line of ours."""
    head = terminal.one_line(f"{error.where}: " if error.where else "")
    shown = [f"{head}error {error.code}: {terminal.error_lines(error.what)}"]
    shown += [f"  because {terminal.error_lines(error.why)}"] if error.why else []
    shown += [f"  by the rule {terminal.one_line(error.rule)}"] if error.rule else []
    shown += [f"  to fix it: {terminal.error_lines(error.advice)}"] if error.advice else []
    return "\n".join(shown)


def out_error(error: SluicewayError) -> None:
    """Prints an error to standard error."""
    out_lines(error_text(error) if type(error).__str__ is SluicewayError.__str__ else str(error), err=True)


def _safe(part: Part, several: bool = False) -> str:
    shown = terminal.lines(str(part)) if several else terminal.one_line(str(part))
    return click.style(shown, fg=part.colour, bold=part.bold, dim=part.dim) if isinstance(part, Styled) else shown
