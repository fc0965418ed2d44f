"""Windows and freezes: what a definition and an environment write, and what cannot be meant."""

import pytest

from domain.core.documents import Node
from domain.releases import calendars
from domain.releases.windows import Calendar, Freeze, Window
from domain.triggers.events import Event, EventKind
from pipeline_defs.core import reader, yaml_nodes
from pipeline_defs.documents import check
from pipeline_defs.releases import model
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
