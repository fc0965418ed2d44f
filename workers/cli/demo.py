"""demo"""

from __future__ import annotations

import asyncio
import os

import click

from workers.core.settings import current


@click.command()
@click.option(
    "--keep/--no-keep", default=None, help="Keep the engine running.  [default: keep, unless CI=true or KEEP=0]"
)
@click.option("--clusters", is_flag=True, help="Run the demo of clusters and pods instead.")
@click.pass_context
def demo(ctx: click.Context, keep: bool | None, clusters: bool) -> None:
    """Run nine versions of a sample service through its pipeline, and check the outcome of each."""
    from workers.demo.clusters import ClusterDemo
    from workers.demo.demo import Demo
    from workers.engine import embedded as engine

    chosen = current()
    if keep is None:
        keep = os.environ.get("CI") != "true" and os.environ.get("KEEP") != "0"
    fine = False
    try:
        shown = ClusterDemo(chosen, waits=keep).all() if clusters else Demo(chosen, chosen.home / "demo").all()
        fine = asyncio.run(shown)
    finally:
        if not keep:
            engine.down(chosen)
    ctx.exit(0 if fine else 1)
