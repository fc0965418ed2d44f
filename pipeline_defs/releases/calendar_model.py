"""The shape of windows and freezes: when releases may go forward."""

from __future__ import annotations

from pydantic import Field

from pipeline_defs.core.blocks import Block, Text


class Window(Block):
    """Times of the week at which releases may go forward; going back is always possible."""

    days: Text = Field(description="The days that it begins on: `mon-thu`, or `mon,wed,fri`.")
    from_: Text = Field(description='Such as "09:00", by the clock of the zone.')
    to: Text = Field(description='Such as "16:00"; before `from`: on the next day; 24:00: the end of the day.')
    zone: str = Field("UTC", max_length=64, description="A name of the IANA database, such as `Europe/Berlin`.")


class Freeze(Block):
    """A span of time in which releases do not go forward; going back is always possible."""

    from_: Text = Field(description="Such as `2026-12-18`, or `2026-12-18 18:00`, by the clock of the zone.")
    to: Text = Field(description="Its end, in the same form; a day ends the freeze at its midnight.")
    zone: str = Field("UTC", max_length=64, description="A name of the IANA database.")
    why: str = Field("", max_length=200, description="Shown to people whose releases it holds.")
