"""verify and rescan: attestations of an image, and new vulnerabilities of running releases."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from domain.core.documents import Node, Object
from domain.core.values import number
from workers.cli.common import as_json, print_json, records, store, with_engine
from workers.core.settings import current
from workers.views.output import out, styled

_DIGEST = re.compile(r"(?:(?P<name>.+)@)?sha256:(?P<digest>[0-9a-f]{64})")
WEEK_S = 7 * 86_400.0


@click.command()
@click.argument("image")
@click.option(
    "--environment", "-e", help="Apply the rules of this environment.  [default: all rules, scanned within a week]"
)
@click.option(
    "--key",
    type=click.Path(path_type=Path, exists=True),
    help="Read attestations from the image's registry, and trust this public key.",
)
@as_json
def verify(image: str, environment: str | None, key: Path | None, json_: bool) -> None:
    """Verify that IMAGE was built, scanned and approved by a gate here.

    IMAGE is NAME@sha256:…, sha256:…, or a name that the local Docker daemon knows. Only attestations that
    this installation has signed for exactly this digest count. With --key they are read from the registry of
    NAME@sha256:…, where a build pushed them, and must be signed by that key.

    Exit code 0: the image meets all rules. 1: it does not, and each reason is printed.
    """
    from activities.access.environments import Environments
    from activities.authority.public_keys import PublishedKey
    from activities.docker import images
    from activities.supply_chain.attestations import Attestor
    from activities.supply_chain.image_admission import said_in_registry, said_of
    from domain.supply_chain import image_policy as supply

    chosen = current()
    exact = _DIGEST.fullmatch(image)
    digests = {image: exact["digest"]} if exact else images.known(image).digests
    if key:
        said = said_in_registry(image, key.read_bytes())
    else:
        said = said_of(Attestor(PublishedKey(chosen.signer), records(chosen).attestations, store(chosen)), digests)
    environments = Environments(records(chosen).definitions, chosen.open_environments)
    rule = environments.need(environment).images if environment else supply.ImageRule(True, True, WEEK_S)
    why = supply.refusals(rule, said, time.time())
    if json_:
        print_json(
            {"image": image, "digests": digests, "demands": asdict(rule), "refusals": why, "signed": said.predicates}
        )
    else:
        for line in _lines(said.predicates):
            out(line)
        for reason in why:
            out(styled("no", "red"), f": {reason}")
        out(f"{image}: ", styled("refused", "red") if why else styled("verified", "green"))
    if why:
        raise click.exceptions.Exit(1)


def _lines(predicates: Mapping[str, Object]) -> list[str]:
    """The known attestations, one line for each kind."""
    from domain.supply_chain import attestation

    lines = []
    if built := Node(predicates.get(attestation.PROVENANCE)):
        made = built.at("runDetails", "metadata")
        commit = built.at("buildDefinition", "externalParameters", "commit").text()
        lines.append(f"built by {made['invocationId'].text()} from {commit[:12]}, {made['finishedOn'].text()}")
    if scan := Node(predicates.get(attestation.SCAN)):
        tools = ", ".join(
            f"{tool['tool'].text()} {tool['version'].text()} {tool['status'].text()}" for tool in scan["tools"]
        )
        found = number(scan["findings"].whole(), "finding")
        lines.append(f"scanned in {scan['run'].text()}, {_moment(scan['made_at'])}: {found} ({tools})")
    if gate := Node(predicates.get(attestation.GATE)):
        word = f"{'passed' if gate['passed'] else 'closed'}, {_moment(gate['made_at'])}: {gate['reason'].text()}"
        lines.append(f"gate {gate['job'].text()} of {gate['run'].text()} {word}")
    return lines


def _moment(seconds: Node) -> str:
    return datetime.fromtimestamp(seconds.number(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@click.command()
@click.option(
    "--every", metavar="DURATION", help="Check on a schedule, such as 6h; 0 removes it.  [default: once, now]"
)
@as_json
def rescan(every: str | None, json_: bool) -> None:
    """Check running releases against the current vulnerability database, without pulling an image.

    Matches the SBOMs that scans of the released commits and images have stored. A new finding that is severe enough
    triggers what the environment's `watch` says: notify, block the image, rebuild it.

    Also reports drift: another image, changed files, processes that were started later.

    Exit code 1: new findings or drift.
    """
    from datetime import timedelta

    from domain.core.values import duration_s
    from workers.client import rescans

    if every is not None:
        seconds = duration_s(every)
        wanted = timedelta(seconds=seconds) if seconds else None
        with_engine(current(), lambda engine: rescans.schedule(engine, wanted))
        out(
            f"running releases are checked every {every}"
            if seconds
            else "the schedule is removed; check with: sluiceway rescan"
        )
        return
    result = with_engine(current(), rescans.rescan)
    if json_:
        print_json(asdict(result))
    else:
        for one in result.looked:
            known = one.note or f"nothing new, {one.findings} known"
            out(f"{one.key}: {one.alarm.words() if one.alarm else known}")
        for drift in result.drifts:
            out(drift.words())
        for line in result.did:
            out(line)
        if not result.looked:
            out("no release is live")
    if result.drifts or any(one.alarm for one in result.looked):
        raise click.exceptions.Exit(1)
