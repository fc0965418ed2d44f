"""up, down, status, completion."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from domain.core.values import number
from workers.cli.common import as_json, engine_errors, listing, print_json, with_engine
from workers.cli.environments import notices
from workers.core import refused
from workers.core.settings import Settings, current
from workers.views.output import out

if TYPE_CHECKING:
    from workers.client.client import Engine

SHOWN = 50
"""Open runs whose state is asked for."""


@click.command()
@as_json
def up(json_: bool) -> None:
    """Start a Temporal server with its UI and a worker, or replace a worker of another version. Stop with `down`."""
    from domain.core.errors import SluicewayError
    from workers.engine import embedded as engine

    began = time.monotonic()
    addresses = engine.up(current())
    try:
        link, problem = first_link(current()), ""
    except SluicewayError as wrong:  # the engine is up all the same
        link, problem = "", str(wrong)
    if json_:
        print_json({**addresses, **({"first_login": link} if link else {})})
        return
    out(f"up after {time.monotonic() - began:.1f} s")
    if current().serves:
        out(f"  console      {addresses['server']}")
    if link:
        out(f"  first login  {link}")
        out("               once, within a day: then register a passkey or a key there")
    out(f"  Temporal UI  {addresses['temporal_ui']}")
    out(f"  Temporal     {addresses['temporal']}")
    out(f"  services     http://SERVICE.localhost:{addresses['router_port']}")
    for notice in [*notices(current()), *([f"nobody can be invited: {problem}"] if problem else [])]:
        out(f"  {notice}")


def first_link(chosen: Settings) -> str:
    """A one-time link for the first person of this home; empty: somebody can log in already, or nobody is served."""
    if not chosen.serves or "server" not in chosen.engine():
        return ""
    from workers.client.logins.of_home import founding_of
    from workers.core.records import open_records

    records = open_records(chosen)
    try:
        return founding_of(chosen, records, chosen.engine()["server"]).first()
    finally:
        records.close()


@click.command()
def down() -> None:
    """Stop the worker, server and router, and all services and jobs. No state is lost: `up` continues from here."""
    from workers.engine import embedded as engine

    stopped = engine.down(current())
    out(f"stopped {len(stopped)}: {', '.join(stopped)}" if stopped else "nothing was running")


@click.command()
@as_json
def status(json_: bool) -> None:
    """Show whether the engine is running, and its addresses. Exit code 5 when it is not.

    It is the one of this home, or the Temporal server of SLUICEWAY_ADDRESS with at least one worker.
    """
    from domain.core.errors import UnreachableError
    from workers.engine import embedded as engine
    from workers.worker.local_wiring import isolation_of

    chosen = current()
    if chosen.address:
        _status_of_address(chosen, json_)
        return
    running = engine.is_up(chosen)
    if not running:
        if json_:
            print_json({"up": False, "home": str(chosen.home), **chosen.engine()})
        raise UnreachableError("SLW901", f"no engine is running for {chosen.home}", fix="sluiceway up")
    errors = _errors(chosen)
    if json_:
        told = {"open_to_other_users": engine.open_to_others(chosen), "notices": notices(chosen)}
        count = {"refused": asdict(refused.read(chosen.home))}
        told["isolation"] = isolation_of(chosen).told().removeprefix("isolation: ")
        print_json({"up": True, "home": str(chosen.home), **chosen.engine(), **told, **count, "engine_errors": errors})
        return
    out(f"the engine of {chosen.home} is up; Temporal UI {chosen.engine()['temporal_ui']}")
    if chosen.serves:
        out(f"  console {chosen.engine().get('server', '')}{'' if engine.serves(chosen) else ' (it does not answer)'}")
    if why := engine.open_to_others(chosen):
        out(f"  other users of this machine can reach the Temporal server: {why}")
    out(f"  {isolation_of(chosen).told()}")
    for error in [*errors, *notices(chosen), *_refused(chosen)]:
        out(f"  {error}")


def _refused(chosen: Settings) -> list[str]:
    """What was not followed, since nobody of this installation has sealed it."""
    known = refused.read(chosen.home)
    return [str(known)] if known.at else []


def _errors(chosen: Settings) -> list[str]:
    """What the engine meets with the open runs, their approvals and releases."""
    open_ = [row["id"] for row in listing(chosen).runs.latest(limit=SHOWN) if row["status"] == "running"]
    return [error for found in engine_errors(chosen, open_).values() for error in found] if open_ else []


def _status_of_address(chosen: Settings, json_: bool) -> None:
    from domain.core.errors import UnreachableError

    async def asked(engine: Engine) -> list[str]:
        from workers.client.pollers import pollers

        return await pollers(engine)

    known = {"home": str(chosen.home), "address": chosen.address, "namespace": chosen.namespace}
    try:
        workers = with_engine(chosen, asked)
    except UnreachableError:
        if json_:
            print_json({"up": False, **known, "workers": []})
        raise
    if json_:
        told = {"workers": workers, "engine_errors": _errors(chosen), "refused": asdict(refused.read(chosen.home))}
        print_json({"up": bool(workers), **known, **told})
    if not workers:
        raise UnreachableError("SLW910", f"no worker polls {chosen.address}, namespace {chosen.namespace}")
    if not json_:
        count = number(len(workers), "worker")
        out(f"the engine at {chosen.address} is up, namespace {chosen.namespace}, with {count}")
        for error in [*_errors(chosen), *_refused(chosen)]:
            out(f"  {error}")


@click.command()
@click.option("--deployment", default="", metavar="NAME", help="Join this Temporal worker deployment.")
@click.option(
    "--build-id", default="", metavar="ID", help="Version of this worker.  [default: a digest of the workflow code]"
)
@click.option("--current", is_flag=True, help="Make this the current version as soon as it polls.")
def worker(deployment: str, build_id: str, current: bool) -> None:
    """Run a worker in the foreground, in addition to or instead of the one that `up` starts.

    With --deployment, releases stay on the version that started them, and all other workflows move to the current
    version. Keep a worker of the old version running until its releases have ended.
    """
    from workers.core import settings
    from workers.engine import embedded
    from workers.worker import deployment as deployments
    from workers.worker import main as run

    if (build_id or current) and not deployment:
        raise click.UsageError("--build-id and --current require --deployment")
    deployed = deployments.Deployed(deployment, build_id or deployments.build_id()) if deployment else None
    embedded.start_signer(settings.current())
    run.main(deployed, current=current)
