"""Options in panels: a help that a reader can find something in, of a command with many options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

REST = "Other options"


class PanelOption(click.Option):
    """An option that its help shows under the name of its panel."""

    def __init__(self, *args: Any, panel: str = REST, **attributes: Any) -> None:  # click's own, passed through
        super().__init__(*args, **attributes)
        self.panel = panel


class PanelCommand(click.Command):
    """A command whose help has a section for each panel, in the order of the options."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """As click does, but for the sections."""
        panels: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                panels.setdefault(getattr(param, "panel", REST), []).append(record)
        for panel, records in sorted(panels.items(), key=lambda one: one[0] == REST):  # stable: the rest is last
            with formatter.section(panel):
                formatter.write_dl(records)


def panel(name: str) -> Callable[..., Callable[[click.decorators.FC], click.decorators.FC]]:
    """`click.option` for the options of one panel."""

    def option(*args: Any, **attributes: Any) -> Callable[[click.decorators.FC], click.decorators.FC]:
        return click.option(*args, cls=PanelOption, panel=name, **attributes)

    return option
