"""Approvals through all three doors, with real keys, on the real server and with skipped time."""

import asyncio
import json
import subprocess
from collections import Counter
from dataclasses import asdict, replace

import pytest
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from activities.access import identities, public_keys
from activities.access.identities import IdentityActivities
from activities.access.identity_store import Identity
from activities.authority.everything import Everything
from activities.notifications.activities import NotifyActivities
from domain.approvals.request import Decision, DecisionReason, signed_text
from domain.approvals.spec import ApprovalSpec
from domain.core.errors import SluicewayError
from tests.support.lab import Lab, connect, prepared, until
from tests.support.profile import first_of, times
from tests.support.programs import program
from tests.support.strict_converter import STRICT
from workers.cli.decisions import signed_elsewhere
from workers.client import approvals, runs
from workers.client.calls import outcome
from workers.client.client import Engine
from workers.core.keyring import Keyring
from workers.worker import temporal
from workflows.approvals.approval import MAX_WAITING, ApprovalWorkflow
from workflows.approvals.messages import ApprovalInput, ApprovalResult

ASK = "jobs:\n  ok:\n    environment: production\n    approval: {{groups: [managers], quorum: {quorum}}}\n  next:\n    needs: ok\n    run: 'true'\n"


async def asked(lab: Lab, quorum: int = 1):
    for name in ("one", "two"):
        lab.identity(name, "managers")
    run = await lab.start(ASK.format(quorum=quorum))
    await lab.until_asked(run)
    return run


async def sign(lab: Lab, run: str, who: str = "one", approve: bool = True) -> Decision:
    return await approvals.sign(lab.engine, run, "ok", who, approve, "", lab.settings.keys)


async def test_a_quorum_by_update_lets_the_run_go_on(lab: Lab):
    run = await asked(lab, 2)
    first = await approvals.decide(lab.engine, run, "ok", await sign(lab, run))
    again = await approvals.decide(lab.engine, run, "ok", await sign(lab, run))
    second = await approvals.decide(lab.engine, run, "ok", await sign(lab, run, "two"))

    assert (first.counted, first.outcome) == (True, "pending")
    assert again.rule == DecisionReason.REPEATED
    assert second.outcome == "granted"
    assert (await lab.result(run)).status == "passed"


async def test_a_rejection_refuses_the_run_and_what_needs_it_is_skipped(lab: Lab):
    run = await asked(lab)
    await approvals.decide(lab.engine, run, "ok", await sign(lab, run, approve=False))
    result = await lab.result(run)

    assert (result.status, result.stopped_by) == ("refused", "ok")
    assert "rejected by one" in result.reason


async def test_the_temporal_cli_answers_with_the_json_that_was_signed(lab: Lab, temporal_address):
    run = await asked(lab)
    decision = json.dumps(asdict(await sign(lab, run)))
    subprocess.run(
        [program("temporal"), "workflow", "signal", "--address", temporal_address, "-w", "approval/" + run[4:] + "/ok",
         "--name", "approve", "-i", decision], check=True, capture_output=True,
    )  # fmt: skip

    assert (await lab.result(run)).status == "passed"


@pytest.mark.parametrize(
    "raw", first_of({}, {"approver": "one"}, "text", 7, None, [1], {"approver": ["x"], "binding": 3})
)
async def test_a_raw_signal_is_recorded_and_changes_nothing(lab: Lab, raw):
    run = await asked(lab)
    handle = lab.engine.client.get_workflow_handle("approval/" + run[4:] + "/ok")
    await handle.signal("approve", raw)

    async def recorded():
        return (await approvals.view(lab.engine, run, "ok")).records

    records = await until(recorded)
    assert records[0].rule in (DecisionReason.UNSIGNED, DecisionReason.MALFORMED)
    assert (await approvals.view(lab.engine, run, "ok")).outcome == "pending"
    await handle.cancel()


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "count", [400, pytest.param(2_000, marks=pytest.mark.system), pytest.param(10_000, marks=pytest.mark.heavy)]
)
async def test_thousands_of_signals_to_one_gate_change_nothing_and_a_decision_still_counts(lab: Lab, count):
    run = await asked(lab, 2)
    handle = lab.engine.client.get_workflow_handle("approval/" + run[4:] + "/ok")
    junk = [{}, "text", None, {"approver": "one"}, {"approver": "two", "signature": "x"}, [1, 2], {"binding": 3}]
    for start in range(0, count, 200):
        signals = (("approve", "reject")[n % 2] for n in range(200))
        await asyncio.gather(*(handle.signal(name, junk[(start + n) % len(junk)]) for n, name in enumerate(signals)))
        if start == count // 2:
            assert (await approvals.decide(lab.engine, run, "ok", await sign(lab, run))).counted
    assert (await approvals.decide(lab.engine, run, "ok", await sign(lab, run, "two"))).outcome == "granted"

    assert (await lab.result(run)).status == "passed"


async def test_of_a_flood_of_forged_signatures_fifty_are_looked_at_and_an_honest_decision_still_counts(
    temporal_address, tmp_path
):
    made = prepared(temporal_address, tmp_path)
    lab = Lab(
        made.settings, Engine(await connect(temporal_address, made.settings.home), "flood"), made.records, made.wired
    )
    async with lab.worker():
        run = await asked(lab)
        honest = await sign(lab, run)
    handle = lab.engine.client.get_workflow_handle("approval/" + run[4:] + "/ok", result_type=ApprovalResult)
    forged = asdict(replace(honest, signature="AAAA"))
    await asyncio.gather(*(handle.signal("approve", forged) for _ in range(120)))
    async with lab.worker():
        assert (await approvals.decide(lab.engine, run, "ok", honest)).outcome == "granted"
        ended = await handle.result()

    rules = Counter(one.rule for one in ended.records)
    assert rules[DecisionReason.CROWDED] >= 120 - MAX_WAITING - 1
    assert rules[DecisionReason.COUNTED] == 1


@pytest.mark.system
async def test_a_flood_of_big_signals_does_not_make_a_gate_too_big_to_answer(lab: Lab):
    run = await asked(lab)
    handle = lab.engine.client.get_workflow_handle("approval/" + run[4:] + "/ok")
    big = {"approver": "x" * 50_000, "comment": "y" * 50_000, "signature": "z" * 50_000}
    for _ in range(times(quick=12, full=30)):
        await asyncio.gather(*(handle.signal("approve", big) for _ in range(10)))
    await approvals.decide(lab.engine, run, "ok", await sign(lab, run))

    assert (await lab.result(run)).status == "passed"


async def test_signals_and_updates_to_what_has_ended_say_so_and_break_nothing(lab: Lab):
    run = await lab.start("jobs:\n  a:\n    run: 'true'\n")
    result = await lab.result(run)
    with pytest.raises(SluicewayError, match="no open"):
        await runs.cancel(lab.engine, run, "too late")
    with pytest.raises(RPCError):
        await lab.engine.client.get_workflow_handle(run).signal("placed", {"who": run, "told": "cancelled"})
    assert (await lab.result(run)) == result


async def test_forged_and_replayed_decisions_are_refused_by_rule(lab: Lab):
    first, second = await asked(lab), await asked(lab)
    good = await sign(lab, first)
    forged = await approvals.decide(lab.engine, first, "ok", replace(good, comment="changed", request_id=""))
    replayed = await approvals.decide(lab.engine, second, "ok", replace(good, request_id=""))

    assert forged.rule == DecisionReason.FORGED
    assert replayed.rule == DecisionReason.OTHER


async def test_a_registered_environment_demands_more_and_open_trust_takes_unsigned_signals(lab: Lab):
    allow = {"author": True, "committer": True, "starter": True}
    approval = {"users": [], "groups": [], "quorum": 2, "per_group": {}, "max_expires": 0, "allow": allow}
    lab.environment("production", json.dumps({"trust": "open", "approval": approval}))
    asks = "jobs:\n  ok:\n    environment: production\n    approval: {users: [one, two]}\n"
    run = await lab.start(f"{asks}  after:\n    needs: ok\n    run: 'true'\n")  # which the signer permits
    await lab.until_asked(run)
    handle = lab.engine.client.get_workflow_handle("approval/" + run[4:] + "/ok")
    await handle.signal("approve", {"approver": "one"})

    async def counted():
        return len((await approvals.view(lab.engine, run, "ok")).records) == 1

    await until(counted)
    assert (await approvals.view(lab.engine, run, "ok")).outcome == "pending"
    await handle.signal("approve", {"approver": "two"})
    assert (await lab.result(run)).status == "passed"


async def test_while_it_waits_the_run_says_so_and_can_be_cancelled(lab: Lab):
    run = await asked(lab)
    described = await lab.engine.client.get_workflow_handle(run).describe()
    waiting = {pair.key.name: pair.value for pair in described.typed_search_attributes}["waiting_for"]
    await runs.cancel(lab.engine, run, "changed our minds")

    assert waiting == "approval of ok"
    assert (await lab.result(run)).status == "cancelled"


async def test_an_approval_expires_after_a_day_and_reminds_before_in_no_time_at_all(tmp_path):
    told = []

    class Notes:
        async def notify(self, notice):
            told.append(notice.kind)

    environment = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=program("temporal-test-server"), data_converter=STRICT
    )
    async with environment:
        from temporalio.api.enums.v1 import IndexedValueType
        from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest

        names = dict.fromkeys(("status", "waiting_for"), IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)
        await environment.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(search_attributes=names)
        )
        identities = IdentityActivities(Everything())
        activities: list[temporal.Activity] = [
            identities.check_decision,
            identities.environment_rule,
            NotifyActivities((Notes(),)).notify,
        ]
        ring = Keyring.ephemeral()
        client = temporal.sealing(environment.client, ring)
        async with temporal.worker(client, activities, ring, "skipped", debug=True):
            asked = await client.start_workflow(
                ApprovalWorkflow.run,
                ApprovalInput(
                    run="run/x/1", pipeline="x", job="ok", spec=ApprovalSpec(users=("one",), reminders_s=(3600, 7200))
                ),
                id="approval/x/1/ok",
                task_queue="skipped",
            )
            result = await outcome(asked, ApprovalResult)

    assert result.outcome == "expired"
    assert result.reason == "expired: 1 of 1 approval was still missing"
    assert told == ["approval-asked", "approval-reminder", "approval-reminder"]


async def left(lab: Lab, how: str) -> None:
    """Voids what the first approver has decided."""
    known = lab.records.identities.get("one")
    assert known is not None
    match how:
        case "removed":
            lab.registrar.remove("one")
            (lab.settings.keys / "one.key").unlink()
        case "rotated":
            lab.registrar.person(identities.rotate(lab.settings.keys, known))
        case _:
            lab.identity("one", "others")


@pytest.mark.parametrize(
    ("how", "rule"),
    first_of(
        ("removed", DecisionReason.REMOVED),
        ("rotated", DecisionReason.ROTATED),
        ("left the group", DecisionReason.NOT_ALLOWED),
    ),
)
async def test_a_removed_key_and_a_left_group_void_what_is_not_yet_granted(lab: Lab, how, rule):
    run = await asked(lab, 2)
    await approvals.decide(lab.engine, run, "ok", await sign(lab, run))
    await left(lab, how)
    second = await approvals.decide(lab.engine, run, "ok", await sign(lab, run, "two"))
    view = await approvals.view(lab.engine, run, "ok")

    assert (second.counted, second.outcome) == (True, "pending")
    assert [record.rule for record in view.records] == [rule, DecisionReason.COUNTED]
    lab.identity("one", "managers")
    assert (await approvals.decide(lab.engine, run, "ok", await sign(lab, run))).outcome == "granted"


async def test_a_decision_signed_by_ssh_keygen_counts_and_for_another_purpose_it_does_not(lab: Lab, tmp_path):
    run = await asked(lab)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    public = public_keys.kept_form((tmp_path / "key.pub").read_text())
    lab.registrar.person(Identity("ssh", public, ("managers",)))
    plain = await approvals.unsigned(lab.engine, run, "ok", "ssh", True, "seen")
    (tmp_path / "d").write_bytes(signed_text(plain))
    rules = []
    for namespace in ("file", "sluiceway-decision"):
        command = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(tmp_path / "key"), "-n", namespace, str(tmp_path / "d")]
        subprocess.run(command, check=True)
        made = signed_elsewhere(tmp_path / "d.sig", tmp_path / "d")
        rules.append((await approvals.decide(lab.engine, run, "ok", made)).rule)
        (tmp_path / "d.sig").unlink()

    assert rules == [DecisionReason.FORGED, DecisionReason.COUNTED]
    assert (await lab.result(run)).status == "passed"


@pytest.mark.parametrize("text", [b"", b"{}", b"sluiceway/decision/v2\0{}", b"sluiceway/decision/v2\0{"])
def test_a_file_that_is_no_text_of_a_decision_is_refused(tmp_path, text: bytes):
    (tmp_path / "d").write_bytes(text)
    (tmp_path / "d.sig").write_bytes(b"x")
    with pytest.raises(SluicewayError) as refused:
        signed_elsewhere(tmp_path / "d.sig", tmp_path / "d")

    assert refused.value.code == "SLW025"
