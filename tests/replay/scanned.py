"""What scans lead to, for the replay tests: news of what runs, gates that are held, and a version that is attacked."""

from __future__ import annotations

from activities.releases.targets.memory import MemoryTarget
from domain.triggers.events import EventKind
from pipeline_defs.releases.environment_model import Environment
from tests.corpus.samples import WEAK
from tests.replay import SCENE
from tests.support.advisories import ADVISORY, NEWER, learn
from tests.support.lab import Lab, until
from tests.support.suppressions import signed
from tests.workflows.scans.test_held_gates import SUPPRESSED
from tests.workflows.scans.test_held_gates import TEXT as HELD
from workers.client import approvals
from workers.client.rescans import rescan


async def rescanned(lab: Lab) -> dict[str, str]:
    """A look at what runs that finds news, with every consequence; and a release that its environment refuses."""
    watch = {"severity": "critical", "unknown-as": "high", "then": ["notify", "block", "rebuild"]}
    document = {"apiVersion": "sluiceway/v1", "kind": "Environment", "name": "watched", "watch": watch}
    document["images"] = {"built-here": True}
    lab.environment("watched", Environment.model_validate(document).model_dump_json())
    await lab.result(await lab.start(SCANNED, {"requirements.txt": "brook==1.0\n"}, name="watched"))
    learn(SCENE / "home", ADVISORY, NEWER)
    await rescan(lab.engine)
    refused = await lab.start(REFUSED, name="refused")
    await lab.result(refused)
    return {"rescan": "rescan", "run-image-refused": refused}


SCANNED = """jobs:
  s:
    scan: {tools: [trivy]}
  ship:
    needs: s
    environment: watched
    deploy: {service: watched, version: "1", command: [x]}
"""
REFUSED = """jobs:
  ship:
    environment: watched
    deploy: {service: watched, target: docker, image: "sluiceway-test/shell:1"}
"""


async def held(lab: Lab) -> dict[str, str]:
    """Gates that are held: one that a merged suppression opens, and one that a person opens."""
    runs = {}
    for name in ("by-statement", "by-person"):
        text = HELD.format(name=f"held-{name}", hold="users: [one]")
        repo = lab.repo({"sluiceway.yaml": text, "a.py": WEAK}, f"held-{name}")
        run = (await lab.deliver(repo, f"held-{name}", kind=EventKind.PUSH, branch="main")).run
        runs[f"run-gate-held-{name}"] = run

        async def asked(run: str = run) -> bool:
            return await approvals.pending(lab.engine, run) == ["g"]

        await until(asked)
        if name == "by-statement":
            repo.commit(signed(lab.registrar, repo.path, SUPPRESSED))
        else:
            decision = await approvals.sign(lab.engine, run, "g", "one", True, "", lab.settings.keys)
            await approvals.decide(lab.engine, run, "g", decision)
        await lab.result(run)
    return runs


async def attacked(lab: Lab, platform: MemoryTarget) -> dict[str, str]:
    """A version that gives way to an attack before it gets traffic."""
    text = ATTACKED.replace("VERSION", "1")
    await lab.result(await lab.start(text, name="attacked-1"))
    platform.gave_way = {"gate": "1 medium blocks"}
    await lab.result(await lab.start(ATTACKED.replace("VERSION", "2"), name="attacked-2"))
    return {"release-attacked": "release/gate/attacked/2"}


ATTACKED = """jobs:
  ship:
    environment: attacked
    deploy: {service: gate, version: "VERSION", command: [x], strategy: blue-green, analysis: false, dast: {}}
"""
