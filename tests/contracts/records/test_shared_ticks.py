"""Ticks of the parts of a whole are read on any machine, once each, until the whole has ended."""

import json

from activities.releases.shared_ticks import SharedTicks
from domain.core.documents import Object
from workers.core.records import Records

WEB, API = "release/web/shops/2", "release/api/shops/3"


def line(number: int) -> Object:
    return {"tick": number, "word": "\u00e9\x00"}


def test_lines_are_read_in_order_from_what_is_known_and_a_place_keeps_its_first_line(records: Records) -> None:
    ticks = SharedTicks(records.database)
    ticks.add(WEB, 0, [line(number) for number in range(12)])
    ticks.add(WEB, 10, [line(99), line(99), line(12)])
    ticks.add(API, 0, [])

    assert ticks.since({WEB: 9, API: 0}) == {WEB: [line(9), line(10), line(11), line(12)], API: []}
    assert ticks.since({}) == {}
    assert (json.loads(ticks.last(WEB)), ticks.last(API)) == (line(12), b"")


def test_what_comes_after_a_line_that_is_missing_is_not_read_yet(records: Records) -> None:
    ticks = SharedTicks(records.database)
    ticks.add(WEB, 0, [line(0)])
    ticks.add(WEB, 2, [line(2)])
    assert ticks.since({WEB: 0}) == {WEB: [line(0)]}
    ticks.add(WEB, 1, [line(1)])
    assert ticks.since({WEB: 0}) == {WEB: [line(0), line(1), line(2)]}


def test_they_are_gone_when_the_whole_has_ended_and_not_before(records: Records) -> None:
    ticks = SharedTicks(records.database)
    for one in (WEB, API):
        ticks.add(one, 0, [line(0)])
    records.releases.end(WEB, json.dumps({"verdict": "live", "version": "2"}))
    assert ticks.since({WEB: 0})[WEB]
    whole = {"verdict": "live", "version": "2", "services": True, "clusters": {"web": {"release": WEB}}}
    records.releases.end("release/shop/shops/1", json.dumps(whole))
    assert ticks.since({WEB: 0, API: 0}) == {WEB: [], API: [line(0)]}
