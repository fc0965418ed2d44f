"""demo"""

from __future__ import annotations

import asyncio
import os

import click

from workers.core.settings import current


@click.command()
@click.option("--keep/--no-keep", default=None, help="Leave the engine up.  [default: up, unless CI=true or KEEP=0]")
@click.option("--clusters", is_flag=True, help="Clusters and pods instead: from templates, killed, healed, taken down.")
@click.pass_context
def demo(ctx: click.Context, keep: bool | None, clusters: bool) -> None:
    """Push nine versions of a sample service through its pipeline, and check what happens to each."""
    from workers.demo.clusters import ClusterDemo
    from workers.demo.demo import Demo
    from workers.engine import embedded as engine

    chosen = current()
    if keep is None:
        keep = os.environ.get("CI") != "true" and os.environ.get("KEEP") != "0"
    fine = False
    try:
        shown = ClusterDemo(chosen).all() if clusters else Demo(chosen, chosen.home / "demo").all()
        fine = asyncio.run(shown)
    finally:
        if not keep:
            engine.down(chosen)
    ctx.exit(0 if fine else 1)
