"""A firewall's chains are taken away whole, and nothing of anybody else's with them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.clusters.firewall_chains import removal

OURS = ("KUBE-ROUTER-", "KUBE-POD-FW-")
THEIRS = ("INPUT", "FORWARD", "DOCKER", "KUBE-FORWARD", "ufw-before")
ours = st.sampled_from(["KUBE-ROUTER-INPUT", "KUBE-POD-FW-ABC", "KUBE-POD-FW-DEF"])
theirs = st.sampled_from(THEIRS)
rules = st.lists(st.tuples(ours | theirs, ours | theirs | st.sampled_from(["ACCEPT", "DROP"])), max_size=12)
COMMENT = '-m comment --comment "say -j KUBE-ROUTER-INPUT"'


def saved(pairs):
    chains = sorted({one for pair in pairs for one in pair if one not in ("ACCEPT", "DROP")})
    return [
        "*filter",
        *(f":{one} - [0:0]" for one in chains),
        *(f"-A {a} {COMMENT} -j {b}" for a, b in pairs),
        "COMMIT",
    ]


def after(pairs, orders):
    """The chains and rules that are left, as the kernel carries the orders out: it removes no chain that is in use."""
    chains = {one for pair in pairs for one in pair if one not in ("ACCEPT", "DROP")}
    left = list(pairs)
    for order in orders:
        what, chain, *rest = order.split()
        if what == "-D":
            left.remove((chain, rest[-1]))
        elif what == "-F":
            left = [pair for pair in left if pair[0] != chain]
        else:
            assert not any(chain in pair for pair in left)
            chains.remove(chain)
    return chains, left


@given(rules)
def test_all_of_a_firewall_goes_and_every_rule_of_others_stays(pairs):
    chains, left = after(pairs, removal(saved(pairs), OURS))
    assert not any(chain.startswith(OURS) for chain in chains)
    assert left == [pair for pair in pairs if not any(one.startswith(OURS) for one in pair)]


@given(rules)
def test_taking_away_twice_does_nothing_more(pairs):
    _, left = after(pairs, removal(saved(pairs), OURS))
    assert removal(saved(left), OURS) == []


@given(st.lists(st.text(max_size=30) | st.sampled_from([":", "-A", '-A a "', ":KUBE-ROUTER-X"]), max_size=6))
def test_any_text_is_read_without_an_error(lines):
    removal(lines, OURS)
