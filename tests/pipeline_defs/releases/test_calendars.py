"""Windows and freezes: what a definition and an environment write, and what cannot be meant."""

import pytest

from domain.core.documents import Node
from domain.releases import calendars
from domain.releases.windows import Calendar, Freeze, Window
from domain.triggers.events import Event, EventKind
from pipeline_defs.core import reader, yaml_nodes
from pipeline_defs.documents import check
from pipeline_defs.releases import calendar_files, model
from pipeline_defs.releases.compile import deploy_spec

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\njobs:\n  d:\n    environment: e\n    deploy:\n"
PLACE = "apiVersion: sluiceway/v1\nkind: Environment\nname: production\n"
OFFICE = '{days: mon-thu, from: "09:00", to: "16:00", zone: Europe/Berlin}'
NIGHT = "{days: 'fri', from: 22:00, to: 02:00}"
AUDIT = "{from: 2026-12-18 18:00, to: 2027-01-04, zone: Europe/Berlin, why: end of the year}"
BAD = {
    "days": ("windows: [{days: monday, from: '09:00', to: '10:00'}]", "SLW203", "days are such as"),
    "a time": ("windows: [{days: mon, from: '9:00', to: '10:00'}]", "SLW203", "a time is such as"),
    "never open": ("windows: [{days: mon, from: '09:00', to: '09:00'}]", "SLW203", "never open"),
    "begins at the end": ("windows: [{days: mon, from: '24:00', to: '09:00'}]", "SLW203", "never open"),
    "a zone": ("windows: [{days: mon, from: '09:00', to: '10:00', zone: Europe/Berln}]", "SLW206", "unknown time zone"),
    "a day that is not": ("freezes: [{from: 2026-02-30, to: 2026-03-01}]", "SLW203", "there is no 2026-02-30"),
    "backwards": ("freezes: [{from: 2026-12-02, to: 2026-12-01}]", "SLW203", "ends after it begins"),
    "another form": ("freezes: [{from: tomorrow, to: 2026-12-01}]", "SLW203", "2026-12-18 18:00"),
    "no days": ("windows: [{from: '09:00', to: '10:00'}]", "SLW202", "days"),
}


def problems(text):
    return [str(one) for one in check(text.encode(), "a.yaml", lambda path: None).diagnostics]


def deployed(keys):
    return f"{HEAD}      service: web\n      command: [x]\n      {keys}\n"


@pytest.mark.parametrize(("keys", "code", "words"), BAD.values(), ids=BAD)
def test_what_cannot_be_meant_is_told_with_its_place(keys, code, words):
    for text in (deployed(keys), PLACE + keys + "\n"):
        found = problems(text)
        assert len(found) == 1
        assert code in found[0]
        assert words in found[0]


def test_what_is_written_is_what_holds() -> None:
    keys = f"windows: [{OFFICE}, {NIGHT}], freezes: [{AUDIT}], window: close-back"
    assert problems(deployed(keys.replace("], ", "]\n      "))) == []
    root, _ = yaml_nodes.read(f"{{service: web, {keys}}}".encode(), "a.yaml")
    assert root is not None
    block, told = reader.validate(model.Deploy, root, "a.yaml")
    assert block is not None, told
    rollout = deploy_spec(block, Event(EventKind.MANUAL)).rollout

    assert rollout.close_back
    assert rollout.calendar == Calendar(
        windows=(
            Window(days=(0, 1, 2, 3), begin=9 * 60, end=16 * 60, zone="Europe/Berlin"),
            Window(days=(4,), begin=22 * 60, end=2 * 60),
        ),
        freezes=(Freeze(begin_s=1_797_616_800, end_s=1_799_020_800, zone="Europe/Berlin", why="end of the year"),),
    )


def test_what_an_environment_demands_is_said() -> None:
    said = calendars.explained(
        Calendar(
            windows=(Window(days=(0, 1), begin=540, end=960, zone="Europe/Berlin"),) * 12,
            freezes=(Freeze(begin_s=1_797_616_800, end_s=1_799_020_800, zone="UTC", why="an audit"),),
        )
    )
    windows, freezes = (rule for rule, _ in said)
    assert windows.startswith("releases go forward only in mon,tue 09:00-16:00 Europe/Berlin; mon,tue 09:00")
    assert windows.endswith("; and 2 more")
    assert freezes == "releases go forward outside of 2026-12-18 18:00 to 2027-01-04 00:00 UTC (an audit)"
    assert list(calendars.explained(Calendar())) == []


def test_a_day_ends_at_its_midnight_however_it_is_written() -> None:
    for end in ("24:00", "00:00"):
        assert calendars.window(Node({"days": "mon", "from_": "09:00", "to": end})).end == 1440


ICS = b"""BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261218
DTEND;VALUE=DATE:20270104
RRULE:FREQ=YEARLY
SUMMARY:end of the year
END:VEVENT
END:VCALENDAR
"""
FILES = {
    "ops/freezes.ics": ICS,
    "ops/freezes.yaml": b"freezes:\n  - {from: 2026-12-18, to: 2027-01-04, why: end of the year, repeats: FREQ=YEARLY}\n",
    "ops/broken.ics": ICS.replace(b"YEARLY", b"SECONDLY"),
    "ops/broken.yaml": b"freezes: [{from: tomorrow, to: 2026-12-01}]\n",
    "ops/zone.ics": ICS.replace(b"DTSTART;", b"DTSTART;TZID=Europe/Berln;").replace(
        b"DTEND;", b"DTEND;TZID=Europe/Berln;"
    ),
    "ops/loop.yaml": b"freezes: [{file: ops/loop.yaml}]\n",
    "ops/many.yaml": b"freezes: [" + b"{from: 2026-12-01, to: 2026-12-02}," * 201 + b"]\n",
}
HELD = Freeze(begin_s=1_797_552_000, end_s=1_799_020_800, why="end of the year", rule="FREQ=YEARLY")


@pytest.mark.parametrize("written", ["ops/freezes.ics", "ops/freezes.yaml", "[{file: ops/freezes.ics}]"])
def test_freezes_of_a_file_are_those_of_the_definition_that_names_it(written: str) -> None:
    assert not check(deployed(f"freezes: {written}").encode(), "a.yaml", FILES.get).diagnostics
    root, _ = yaml_nodes.read(f"{{service: web, freezes: {written}}}".encode(), "a.yaml")
    assert root is not None
    block, told = reader.validate(model.Deploy, root, "a.yaml")
    assert block is not None, told

    assert deploy_spec(block, Event(EventKind.MANUAL), FILES.get).rollout.calendar.freezes == (HELD,)


@pytest.mark.parametrize(
    ("file", "code", "where"),
    [
        ("ops/none.ics", "SLW601", "a.yaml:10"),
        ("ops/broken.ics", "SLW203", "ops/broken.ics"),
        ("ops/broken.yaml", "SLW203", "ops/broken.yaml"),
        ("ops/zone.ics", "SLW206", "ops/zone.ics"),
        ("ops/loop.yaml", "SLW203", "ops/loop.yaml"),
        ("ops/many.yaml", "SLW2", "ops/many.yaml"),
    ],
)
def test_a_file_that_cannot_be_followed_is_told_with_its_name(file: str, code: str, where: str) -> None:
    (told,) = [str(one) for one in check(deployed(f"freezes: {file}").encode(), "a.yaml", FILES.get).diagnostics]

    assert code in told
    assert where in told


def test_a_registered_environment_has_the_freezes_of_its_file_in_what_is_signed() -> None:
    text = calendar_files.inlined(PLACE + "freezes: ops/freezes.ics  # holidays\nwindow-note: x\n", FILES.get)
    (line,) = [one for one in text.splitlines() if one.startswith("freezes")]
    place = check((PLACE + line + "\n").encode(), "e.yaml", lambda _: None)

    assert text.endswith("\nwindow-note: x\n")
    assert not place.diagnostics
    assert calendars.of_document(Node(place.valid().document.model_dump())).freezes == (HELD,)
    unread = PLACE + "freezes: ops/freezes.ics\n"
    assert [one.code for one in check(unread.encode(), "e.yaml", lambda _: None).diagnostics] == ["SLW601"]
    assert calendar_files.inlined(HEAD + "freezes: ops/freezes.ics\n", FILES.get).endswith("freezes: ops/freezes.ics\n")
