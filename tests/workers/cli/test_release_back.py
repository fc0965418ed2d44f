"""Several services that were released as one are taken back later: callers first, and no further than it goes well."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.cli.release_back import services_back
from workers.client.ports.client import Client
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.releases import ClusterRow, LiveRow, ReleaseDetails, ReleaseRow

ORDER = ("prices", "api", "web")
"""Callees first, as the release has them."""


def row(service: str, number: int, verdict: str = "live") -> ReleaseRow:
    id_ = f"release/{service}/shops/{number}"
    return ReleaseRow(
        id=id_, service=service, environment="shops", number=number, version=str(number), verdict=verdict, ended_at=1.0
    )


WHOLE = ReleaseDetails(
    row=row("shop", 9),
    services=True,
    clusters=tuple(ClusterRow(cluster=name, release=row(name, 5).id, standing="live") for name in ORDER),
)


class Played:
    """Releases of an environment; each rollback ends as `verdicts` says."""

    def __init__(self, live: dict[str, int] | None = None, new: str = "", verdicts: dict[str, str] | None = None):
        self.at = dict.fromkeys(ORDER, 5) | (live or {})
        self.new, self.verdicts, self.back, self.releases = new, verdicts or {}, list[str](), self

    async def live(self, environment: str, service: str, page: PageOf) -> Page[LiveRow]:
        release = row(service, self.at[service])
        return Page((LiveRow(environment=environment, service=service, version=release.version, release=release.id),))

    async def show(self, id_: str) -> ReleaseDetails:
        _, service, _, number = id_.split("/")
        verdict = self.verdicts.get(service, "live")
        return ReleaseDetails(row=row(service, int(number), verdict), previous="" if service == self.new else "4")

    async def rollback(self, environment: str, service: str, key: str = "") -> str:
        self.back.append(service)
        self.at[service] = 10 if self.verdicts.get(service, "live") == "live" else self.at[service]
        return row(service, 10).id

    async def of(self, whole: ReleaseDetails = WHOLE) -> bool:
        return await services_back(cast(Client, self), whole)


async def test_callers_go_back_before_what_they_call() -> None:
    played = Played()
    assert await played.of()
    assert played.back == ["web", "api", "prices"]
    assert not await played.of()
    assert played.back == ["web", "api", "prices"], "given again, it takes nothing back twice"


async def test_what_a_service_calls_stays_when_it_does_not_get_back(capsys: pytest.CaptureFixture[str]) -> None:
    played = Played(verdicts={"api": "failed"})
    assert not await played.of()
    assert played.back == ["web", "api"]
    played.verdicts = {}
    assert await played.of()
    assert played.back == ["web", "api", "api", "prices"]
    assert "web stays as it is: 10 is live there, by release/web/shops/10" in capsys.readouterr().out


async def test_a_service_without_a_version_before_stays(capsys: pytest.CaptureFixture[str]) -> None:
    played = Played(new="web")
    assert await played.of()
    assert played.back == ["api", "prices"]
    assert "web stays as it is: there was no version before" in capsys.readouterr().out


@given(st.dictionaries(st.sampled_from(ORDER), st.just(7)))
async def test_what_is_newer_than_the_release_is_never_taken_back(newer: dict[str, int]) -> None:
    played = Played(newer)
    assert await played.of() == (len(newer) < len(ORDER))
    assert played.back == [name for name in reversed(ORDER) if name not in newer]


async def test_what_never_began_is_left_alone() -> None:
    played = Played()
    assert not await played.of(replace(WHOLE, clusters=(ClusterRow(cluster="web"),)))
    assert played.back == []
