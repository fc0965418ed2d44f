"""What is signed in a browser is what Python verifies: the same bytes, whatever is in them; by node where it is."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.authority.cluster_forms import form
from domain.approvals.request import ApprovalSubject, Decision, fingerprint, signed_text
from domain.authority.cluster_orders import Order, OrderKind
from domain.authority.order_proofs import order_text
from domain.authority.permit import digest_of
from domain.authority.registrations import Registration, Topic
from domain.authority.rights import of_step
from domain.clusters.spec import ClusterSpec, NodePool
from domain.core.canonical import canonical

JS = Path(__file__).parents[3] / "workers" / "console" / "static" / "js"
PROGRAM = """
import { signedText, fingerprint, subjectOf } from "./sign.js";
import { canonical } from "./keys.js";
const decisions = JSON.parse(await new Response(process.stdin).text());
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const told = [];
for (const one of decisions) told.push([hex(signedText(one)), await fingerprint(one.binding), hex(new TextEncoder().encode(canonical(one.other)))]);
console.log(JSON.stringify(told));
"""
WORDS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(
        ["승인 요청 - 배포", "\u2028\u2029\ufeff", "\U0001f6a6", "\ue000", 'a"\\/\b\f\n\r\t\x1f\x7f', "<script>"]
    ),
)
LISTS = st.lists(WORDS, max_size=4).map(tuple)
SUBJECTS = st.builds(
    ApprovalSubject,
    *(WORDS, WORDS, WORDS, WORDS, LISTS, LISTS),
    version=st.just(2),
    repository=WORDS,
    environment=WORDS,
    rule=WORDS,
    scope=WORDS,
)
DECISIONS = st.builds(
    Decision,
    approver=WORDS,
    approve=st.booleans(),
    comment=WORDS,
    binding=SUBJECTS,
    expires_at=st.integers(0, 2**40).map(float),
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), WORDS)
VALUES = st.recursive(LEAVES, lambda of: st.one_of(st.lists(of, max_size=3), st.dictionaries(WORDS, of, max_size=3)))


STEPS = """
import { stepOf } from "./policy.js";
const [page, state] = JSON.parse(await new Response(process.stdin).text());
const { text, expires_at, nonce } = stepOf(page, state);
console.log(JSON.stringify([Buffer.from(text).toString("hex"), expires_at, nonce]));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not on this machine")
def test_a_step_of_a_set_is_signed_as_the_signer_reads_it(tmp_path: Path) -> None:
    for name in ("keys.js", "policy.js"):
        shutil.copy(JS / name, tmp_path / name)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "program.mjs").write_text(STEPS)
    page = {"name": "freeze", "version": "3", "digest": "d" * 64, "person": "person:승인", "home": "h"}
    ran = subprocess.run(
        ["node", "program.mjs"],
        input=json.dumps([page, "active"]),
        cwd=tmp_path,
        text=True,
        capture_output=True,
        check=True,
        timeout=150,
    )
    signed, expires_at, nonce = json.loads(ran.stdout)
    topic, name, body = of_step("freeze", 3, "d" * 64, "active", "person:승인")
    said = Registration(topic=Topic(topic.value), name=name, body=body, expires_at=expires_at, nonce=nonce, home="h")
    assert bytes.fromhex(signed) == said.text()


ORDERS = """
import { orderOf } from "./cluster.js";
const [order, definition] = JSON.parse(await new Response(process.stdin).text());
const { text, expires_at, nonce } = await orderOf(order, definition);
console.log(JSON.stringify([Buffer.from(text).toString("hex"), expires_at, nonce]));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not on this machine")
@pytest.mark.parametrize("other", ["", "x"])
def test_the_order_of_a_cluster_is_signed_as_the_signer_reads_it_and_no_other(tmp_path: Path, other: str) -> None:
    for name in ("keys.js", "cluster.js"):
        shutil.copy(JS / name, tmp_path / name)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "program.mjs").write_text(ORDERS)
    body = form(ClusterSpec("edge", "kwok", pools=(NodePool("웹", 2, cpu=0.5),)))
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    order = {
        "kind": "cluster",
        "cluster": "edge",
        "person": "person:승인",
        "what": digest_of(body),
        "actions": 0,
        "home": "h",
    }
    asked = json.dumps([order, text + other])
    command = ["node", "program.mjs"]
    ran = subprocess.run(command, input=asked, cwd=tmp_path, text=True, capture_output=True, timeout=150)
    if other:
        assert "something else than it shows" in ran.stderr
        return
    signed, expires_at, nonce = json.loads(ran.stdout)
    said = Order(
        kind=OrderKind.CLUSTER,
        cluster="edge",
        what=digest_of(body),
        person="person:승인",
        expires_at=expires_at,
        nonce=nonce,
    )
    assert bytes.fromhex(signed) == order_text(said, "h")


def by_node(folder: Path, said: str) -> list[list[str]]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on this machine; test_browser_approvals.py asks a browser")
    for name in ("keys.js", "sign.js"):
        (folder / name.replace(".js", ".js")).write_bytes((JS / name).read_bytes())
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "program.js").write_text(PROGRAM)
    done = subprocess.run([node, "program.js"], cwd=folder, input=said, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    told: list[list[str]] = json.loads(done.stdout)
    return told


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(DECISIONS, VALUES), min_size=10, max_size=20))
def test_the_browser_and_python_build_the_same_text_and_fingerprint(tmp_path, many):
    said = [{**asdict(one), "expires_at": int(one.expires_at), "other": other} for one, other in many]
    told = by_node(tmp_path, json.dumps(said))

    wanted = [[signed_text(one).hex(), fingerprint(one.binding), canonical(other).hex()] for one, other in many]
    assert told == wanted


def test_a_fraction_has_no_text_in_the_browser_either(tmp_path):
    one = {**asdict(Decision(binding=ApprovalSubject(version=2))), "expires_at": 0.5, "other": None}
    with pytest.raises(AssertionError, match="no whole number"):
        by_node(tmp_path, json.dumps([one]))
