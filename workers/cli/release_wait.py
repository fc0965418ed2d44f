"""release wait: what another deployer calls before or after its own part."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from domain.core.errors import SluicewayError
from domain.releases.awaited import Answer, Awaited, Goal, Listed
from workers.cli.durations import DurationParam
from workers.cli.session import ask
from workers.cli.shown import as_json, print_json
from workers.client.ports.pages import MOST, PageOf
from workers.views.output import out

if TYPE_CHECKING:
    from workers.client.ports.client import Client
    from workers.client.ports.releases import ReleaseRow

EVERY_S = 2.0
"""Between two looks."""
CODES = {Answer.REACHED: 0, Answer.MISSED: 1, Answer.BACK: 4, Answer.WAITING: 6}
"""Exit codes; WAITING: time is over."""


@dataclass(frozen=True, kw_only=True)
class Waited:
    """What was seen when the wait ended."""

    service: str
    environment: str
    answer: str
    why: str
    release: str = ""
    version: str = ""
    verdict: str = ""


@click.command("wait")
@click.argument("service")
@click.option("--environment", "-e", required=True, help="Where it is released to.")
@click.option("--version", default="", help="The newest release of this version; it need not have begun.")
@click.option("--release", "number", type=click.IntRange(1), help="The release of this number.")
@click.option(
    "--for",
    "goal",
    type=click.Choice([str(one) for one in Goal]),
    default="live",
    show_default=True,
    help="Until when.",
)
@click.option(
    "--timeout",
    "timeout_s",
    type=DurationParam(),
    default="1h",
    show_default=True,
    help="How long to wait, such as 10m.",
)
@as_json
@click.pass_context
def wait(
    ctx: click.Context,
    service: str,
    environment: str,
    version: str,
    number: int | None,
    goal: str,
    timeout_s: float,
    json_: bool,
) -> None:
    """Wait until a release is live, proven, or has ended.

    Exit code 0: it is; 4: it was rolled back or aborted; 6: time is over; 1: it will not be any more. Without --version
    and --release, the newest release is meant. A server that does not answer meanwhile is asked again.
    """
    meant = Awaited(Goal(goal), version, number or 0)
    answer, told = ask(lambda client: _waited(client, service, environment, meant, timeout_s))
    if json_:
        print_json(told)
    else:
        out(told.why)
    ctx.exit(CODES[answer])


async def _waited(
    client: Client, service: str, environment: str, meant: Awaited, timeout_s: float
) -> tuple[Answer, Waited]:
    until = time.monotonic() + timeout_s
    while True:
        try:
            answer, told = await _look(client, service, environment, meant)
        except SluicewayError as failed:
            if not failed.transient or time.monotonic() >= until:
                raise
        else:
            if answer is not Answer.WAITING:
                return answer, told
            if time.monotonic() >= until:
                return answer, told
        await asyncio.sleep(min(EVERY_S, max(until - time.monotonic(), 0)))


async def _look(client: Client, service: str, environment: str, meant: Awaited) -> tuple[Answer, Waited]:
    """One look. Among the newest releases: what is older than all of them is not waited for."""
    rows = (await client.releases.list(service, environment, PageOf(limit=MOST))).items
    listed = [_listed(row) for row in rows]
    one = meant.chosen(listed)
    proven = False
    if one is not None and one.ended and meant.goal is Goal.PROVEN:
        proven = (await client.releases.show(one.id)).proven
    answer, why = meant.answer(listed, proven)
    told = Waited(service=service, environment=environment, answer=answer, why=why)
    if one is None:
        return answer, told
    seen = {"release": one.id, "version": one.version, "verdict": one.verdict}
    return answer, Waited(**{**vars(told), **seen})


def _listed(row: ReleaseRow) -> Listed:
    return Listed(
        id=row.id,
        number=row.number,
        version=row.version,
        verdict=row.verdict,
        reason=row.reason,
        ended=row.ended_at is not None,
    )
