"""One push that is odd on purpose does not keep the pushes after it from starting."""

from __future__ import annotations

import subprocess

import pytest
from temporalio.api.enums.v1 import EventType

from tests.support.lab import HEAD, Lab, Repo
from tests.support.profile import first_of
from workers.client import deliveries

LONG = "n" * 30_000
COMMIT = (
    "tree {tree}\nauthor {name} <{address}> 1700000000 +0000\ncommitter {name} <{address}> 1700000000 +0000\n\n{text}\n"
)


def odd_commit(repo: Repo, name: str, address: str, text: str) -> str:
    """A commit that `git commit` would not make, and git takes all the same."""
    tree = subprocess.run(
        ["git", "rev-parse", "HEAD^{tree}"], cwd=repo.path, capture_output=True, text=True, check=True
    )
    made = COMMIT.format(tree=tree.stdout.strip(), name=name, address=address, text=text)
    command = ["git", "hash-object", "-t", "commit", "-w", "--stdin"]
    done = subprocess.run(command, cwd=repo.path, input=made.encode(), capture_output=True, check=True)
    return done.stdout.decode().strip()


async def failures(lab: Lab, pipeline: str) -> int:
    """Tasks of the pipeline's workflow that failed: a jam is one that fails again and again."""
    history = await lab.engine.client.get_workflow_handle(f"pipeline/{pipeline}").fetch_history()
    return sum(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED for event in history.events)


async def pushed(lab: Lab, repo: Repo, commit: str, ref: str) -> str:
    """As the hook hands it in; the status of the run."""
    from workers.client import triggers

    (delivery,) = deliveries.push(repo.path, "0" * 40, commit, ref, deliveries.me())
    answer = await triggers.deliver(lab.engine, delivery)
    return str((await lab.result(answer.run)).status)


@pytest.mark.parametrize(
    ("pipeline", "ref", "name", "address", "text"),
    first_of(
        (
            "odd-signs",
            "refs/heads/\u202eniam",
            "\x1b]0;x\x07\u2028' or 1=1 --",
            "a@b",
            "\udcff\r\x00".replace("\x00", ""),
        ),
        ("odd-branch", "refs/heads/" + "/".join(["a" * 200] * 3), "ann", "ann@example.org", "one"),
        ("odd-author", "refs/heads/x", LONG, "ann@example.org", "one"),
        ("odd-address", "refs/heads/x", "ann", LONG, "one"),
        ("odd-message", "refs/heads/x", "ann", "ann@example.org", LONG * 20),
    ),
    ids=lambda value: value[:12] if isinstance(value, str) else "",
)
async def test_an_odd_push_keeps_no_later_one_from_starting(
    lab: Lab, pipeline: str, ref: str, name: str, address: str, text: str
) -> None:
    repo = lab.repo({"sluiceway.yaml": HEAD.format(name=pipeline) + "on: {push: {}}\njobs:\n  a: {run: 'true'}\n"})
    odd = odd_commit(repo, name, address, text.encode("utf-8", "replace").decode())

    subprocess.run(["git", "update-ref", ref, odd], cwd=repo.path, check=True)

    assert await pushed(lab, repo, odd, ref) == "passed"
    assert await pushed(lab, repo, repo.commit({"f": "1"}), "refs/heads/main") == "passed"
    assert await failures(lab, pipeline) == 0
