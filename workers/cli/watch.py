"""watch: starts runs from a repository that cannot call a hook."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import click

from domain.core.errors import DefinitionError, SluicewayError
from domain.core.values import duration_s, number
from workers.cli.common import as_json, with_engine
from workers.core.settings import current
from workers.views.deliveries import outcome
from workers.views.output import out, out_error

if TYPE_CHECKING:
    from domain.triggers.delivery import Delivery
    from workers.client.client import Engine
    from workers.client.repository_poller import Watcher
    from workflows.triggers.messages import DeliveryAnswer

MIN_EVERY_S = 1.0


def _interval(ctx: click.Context, option: click.Parameter, value: str) -> float:
    try:
        return max(duration_s(value), MIN_EVERY_S)
    except ValueError as wrong:
        raise click.BadParameter(str(wrong)) from wrong


@click.command()
@click.argument("repository", metavar="REPO|URL")
@click.option("--every", callback=_interval, default="30s", show_default=True, help="Polling interval.")
@click.option("--once", is_flag=True, help="Poll once and exit, for a cron job of your own.")
@click.option("--now", is_flag=True, help="On the first poll, start runs for existing branches and tags, too.")
@as_json
def watch(repository: str, every: float, once: bool, now: bool, json_: bool) -> None:
    """Poll a repository for pushes and start runs from them, as a hook would.

    The first poll only records what exists. State is kept in this home: pushes made while nothing is watching start
    their runs at the next poll, and no push starts a run twice.
    """
    from activities.source.mirrors import Mirrors
    from workers.client.repository_poller import Watcher, address_of

    chosen = current()
    watcher = Watcher(address_of(repository), Mirrors(chosen.mirrors), chosen.home / "watched")
    if not watcher.known and not now:
        watcher.begin()
    out(f"watching {watcher.address}: {number(len(watcher.seen), 'known ref')}", err=True)
    said = ""
    while True:
        try:
            _look(watcher, json_)
            said = ""
        except DefinitionError:
            raise
        except SluicewayError as failed:
            if once:
                raise
            if str(failed) != said:
                out_error(failed)
                out(f"  retrying every {every:g} s", err=True)
            said = str(failed)
        if once:
            return
        time.sleep(every)


def _delivered(delivery: Delivery) -> DeliveryAnswer:
    async def deliver(engine: Engine) -> DeliveryAnswer:
        from workers.client import triggers

        return await triggers.deliver(engine, delivery)

    return with_engine(current(), deliver)


def _look(watcher: Watcher, json_: bool) -> None:
    for ref, sha, deliveries in watcher.pushes():
        for delivery in deliveries:
            answer = _delivered(delivery)
            if json_:
                line = {"ref": ref, "commit": delivery.event.commit, "pipeline": delivery.pipeline}
                out(json.dumps(line | {"run": answer.run, "reason": answer.reason}))
            else:
                out(f"{ref} {sha[:12]}: ", *outcome(delivery.pipeline, answer))
        if not json_:
            told = watcher.passed_over(ref, sha)
            for why in told or ([] if deliveries else ["no pipeline definition in this push"]):
                out(f"{ref} {sha[:12]}: {why}")
        watcher.done(ref, sha)
