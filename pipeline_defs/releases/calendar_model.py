"""The shape of windows and freezes: when releases may go forward."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from domain.core.values import Json
from domain.releases.calendars import MOST_FREEZES
from pipeline_defs.core.blocks import Block, Text


class Window(Block):
    """Times of the week at which releases may go forward; going back is always possible."""

    days: Text = Field(description="The days that it begins on: `mon-thu`, or `mon,wed,fri`.")
    from_: Text = Field(description='Such as "09:00", by the clock of the zone.')
    to: Text = Field(description='Such as "16:00"; before `from`: on the next day; 24:00: the end of the day.')
    zone: str = Field("UTC", max_length=64, description="A name of the IANA database, such as `Europe/Berlin`.")


class Freeze(Block):
    """A span of time in which releases do not go forward; going back is always possible."""

    from_: Text = Field("", description="Such as `2026-12-18`, or `2026-12-18 18:00`, by the clock of the zone.")
    to: Text = Field("", description="Its end, in the same form; a day ends the freeze where it begins.")
    zone: str = Field("UTC", max_length=64, description="A name of the IANA database.")
    why: str = Field("", max_length=200, description="Shown to people whose releases it holds.")
    repeats: str = Field(
        "", max_length=200, description="When it comes again, as a recurrence rule of iCalendar: `FREQ=YEARLY`."
    )
    without: list[Text] = Field(
        [], max_length=400, description="Beginnings that `repeats` names, at which it does not come."
    )
    file: str = Field(
        "", max_length=500, description="Freezes of a file instead: `.ics` (iCalendar), or YAML with `freezes` in it."
    )


def _one_file(value: Json) -> Json:
    return [{"file": value}] if isinstance(value, str) else value


def _or_text(schema: dict[str, Any]) -> None:
    schema["type"] = ["array", "string"]


Freezes = Annotated[
    list[Freeze],
    BeforeValidator(_one_file),
    Field(
        max_length=MOST_FREEZES,
        json_schema_extra=_or_text,
        description="Releases do not go forward meanwhile; or the name of a file with freezes.",
    ),
]
