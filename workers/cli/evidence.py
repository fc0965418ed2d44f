"""bundle and gc: evidence of runs, and garbage collection."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from domain.core.errors import SluicewayError
from domain.core.values import number
from workers.cli.common import as_json, collector, print_json, records, run_name, store
from workers.core.settings import current
from workers.views.output import out


@click.command()
@click.argument("name", metavar="RUN", required=False)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="[default: RUN.evidence.tar.gz]")
@click.option("--artifacts", is_flag=True, help="Include the artifacts themselves, not only their digests.")
@click.option("--check", "file", type=click.Path(path_type=Path, exists=True), help="Verify a bundle instead.")
@as_json
def bundle(name: str | None, output: Path | None, artifacts: bool, file: Path | None, json_: bool) -> None:
    """Export all evidence of a run to one file: definition, plan, logs, reports, verdicts and decisions.

    Its manifest lists the digest of every file; --check verifies them. Expired parts are listed as missing.
    """
    from activities.authority.public_keys import PublishedKey
    from activities.evidence.bundle import Bundler, check, write
    from activities.source.mirrors import Mirrors

    if file:
        run, wrong = check(file)
        if wrong:
            raise SluicewayError("SLW912", "the bundle was changed", where=str(file), why="; ".join(wrong[:5]))
        out(f"{file} holds the evidence of {run}, unchanged")
        return
    if not name:
        raise click.UsageError("missing RUN, or --check FILE")
    chosen, run = current(), run_name(name)
    public_key = PublishedKey(chosen.signer).public_key()
    made = Bundler(records(chosen), store(chosen), Mirrors(chosen.mirrors), public_key).collect(
        run, artifacts=artifacts
    )
    target = output or Path(run.removeprefix("run/").replace("/", "-") + ".evidence.tar.gz")
    digest = write(made, target)
    if json_:
        print_json({"file": str(target), "sha256": digest, "files": len(made.files), "missing": made.missing})
        return
    out(f"{target}: {number(len(made.files), 'file')} of {run}, sha256 {digest}")
    for gone in made.missing:
        out(f"  missing: {gone['what']}: {gone['why']}")


@click.command()
@click.option("--dry-run", "dry", is_flag=True, help="Only show what would be removed.")
@as_json
def gc(dry: bool, json_: bool) -> None:
    """Delete stored objects that nothing refers to any more. The worker does the same once a day.

    SLUICEWAY_KEEP_LOGS, SLUICEWAY_KEEP_ARTIFACTS and SLUICEWAY_KEEP_EVIDENCE set how long they are kept after a run
    (365d, 90d, and 0: for ever). Whatever an open run, a live release or a cache needs is always kept.
    """
    done = collector(current()).run(dry=dry)
    if json_:
        print_json(asdict(done))
        return
    would = "would be removed" if dry else "removed"
    objects, folders = number(done.removed, "object"), number(done.folders, "job folder")
    out(f"{would}: {objects} ({done.removed_bytes / 1e6:.1f} MB), {folders}")
    kept = ", ".join(f"{count:,} {keep}" for keep, count in sorted(done.kept.items())) or "nothing"
    out(f"kept: {kept} ({done.kept_bytes / 1e6:.1f} MB); {done.young:,} within the grace period")
