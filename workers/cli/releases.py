"""release show, abort, rollback."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Any

import click

from domain.errors import SluicewayError
from domain.values import duration_text
from workers.cli.common import as_json, coloured, current, print_json, records, with_engine

environment_option = click.option("--environment", "-e", default="production", show_default=True)


@click.group()
def release() -> None:
    """Show, abort or roll back releases."""


@release.command("show")
@click.argument("service", required=False, default="")
@click.option("--limit", default=20, show_default=True)
@as_json
def show(service: str, limit: int, json_: bool) -> None:
    """List releases, newest first, with their verdicts and reasons."""
    rows = records(current()).releases(service, limit)
    found = [{**row, "result": json.loads(row["result"])} for row in rows]
    if json_:
        print_json(found)
        return
    for row in found:
        result = row["result"]
        verdict = result.get("verdict", "running")
        took = duration_text((row["ended_at"] or time.time()) - row["started_at"])
        when = f"{datetime.fromtimestamp(row['started_at']):%m-%d %H:%M:%S}"
        click.echo(f"{row['id']:<36} {coloured(verdict):<12} {when} {took:>8}  {result.get('reason', 'under way')}")
    if not found:
        click.echo("no releases yet")


@release.command("abort")
@click.argument("service")
@environment_option
@click.option("--reason", default="aborted by hand")
def abort(service: str, environment: str, reason: str) -> None:
    """Stop the release that is under way and bring the version before back."""
    chosen = current()
    running = [
        row for row in records(chosen).releases(service) if row["environment"] == environment and not row["ended_at"]
    ]
    if not running:
        raise SluicewayError(
            "SLW868", f"no release of {service} to {environment} is under way", fix="sluiceway release show"
        )
    with_engine(chosen, lambda engine: engine.steer(running[0]["id"], "abort", reason))
    click.echo(f"{running[0]['id']} goes back: {reason}")


@release.command("rollback")
@click.argument("service")
@environment_option
@click.pass_context
def rollback(ctx: click.Context, service: str, environment: str) -> None:
    """Release the version before the live one again, and wait for the result."""

    async def back(engine: Any) -> Any:
        started = await engine.rollback(environment, service)
        click.echo(f"{started} begun")
        return await engine.client.get_workflow_handle(started).result()

    result = with_engine(current(), back)
    click.echo(f"{coloured(result['verdict'])}: {result['reason']}")
    ctx.exit(0 if result["verdict"] == "live" else 4)
