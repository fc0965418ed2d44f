"""Options that take a duration, as definitions write them."""

from __future__ import annotations

import click

from domain.core.values import duration_s


class DurationParam(click.ParamType[float]):
    """Seconds of `90`, `90s`, `1m30s`, `24h` or `3d`."""

    name = "duration"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return duration_s(float(value) if str(value).isdecimal() else value)
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)
