"""What takes a release forward is known by what was permitted, whatever an engine says of where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.authority.moves import Moves
from domain.authority.permit import Claim, Effect, Permit, plain
from domain.core.documents import Node
from domain.releases.actions import ActionKind

OLD, NEW = "prod/web/r1", "prod/web/r2"
MINE, OTHERS = "run/web/2", "run/web/1"


def claim(action: str, subject: str = NEW, share: int = 0, run: str = MINE, attempt: int = 1) -> Claim:
    return Claim(
        effect=Effect.DEPLOY,
        subject=subject,
        what={},
        run=run,
        job="ship",
        attempt=attempt,
        action=action,
        share=share,
    )


def after(*claims: Claim) -> Moves:
    moves = Moves()
    for one in claims:
        fields = ("effect", "subject", "run", "job", "attempt", "action", "share")
        moves.apply(Node(plain(Permit(digest="", **{name: getattr(one, name) for name in fields}))))
    return moves


LIVE = (claim("start", OLD, run=OTHERS), claim("route", OLD, 10_000, run=OTHERS))
STARTED = (*LIVE, claim("start"))


@pytest.mark.parametrize(
    ("before", "asked", "forward"),
    [
        (LIVE, claim("preflight"), False),
        (LIVE, claim("start"), True),
        (STARTED, claim("start"), False),  # its activity is tried again
        (STARTED, claim("shift", share=500), True),
        ((*STARTED, claim("shift", share=500)), claim("shift", share=500), False),
        ((*STARTED, claim("shift", share=500)), claim("shift", share=100), False),
        ((*STARTED, claim("shift", share=500)), claim("shift", share=501), True),
        ((*STARTED, claim("shift", share=500)), claim("route", share=10_000), True),
        ((*STARTED, claim("shift", share=500), claim("route", OLD, 10_000)), claim("shift", share=500), True),
        (STARTED, claim("stop"), False),
        (STARTED, claim("stop", OLD), True),  # nobody takes the live version away in a closed window
        ((*STARTED, claim("stop", OLD)), claim("start", "prod/web/r3"), False),  # else nothing would run
        ((*STARTED, claim("stop", OLD)), claim("start", "prod/web/r3", run="run/web/9"), True),
        ((*STARTED, claim("stop", OLD)), claim("route", attempt=2, share=10_000), True),
        ((*STARTED, claim("route", share=10_000)), claim("stop", OLD), False),
        ((*STARTED, claim("route", share=10_000)), claim("stop"), False),  # its own: it goes back
        (LIVE, claim("stop", OLD, run=""), False),  # by hand
        (LIVE, claim("stop", OLD, run="by hand"), False),
    ],
)
def test_only_what_brings_more_of_a_version_asks_for_a_window(before, asked, forward):
    assert after(*before).forward(asked) is forward


ACTIONS = st.sampled_from([*ActionKind, ""])
CLAIMS = st.builds(
    claim,
    ACTIONS,
    st.sampled_from([OLD, NEW, "prod/other/r1"]),
    st.sampled_from([0, 500, 10_000]),
    st.sampled_from([MINE, OTHERS, ""]),
)


@given(st.lists(CLAIMS, max_size=12), CLAIMS)
def test_what_was_permitted_last_is_permitted_again_and_nothing_is_ever_held_at_no_share(before, asked):
    assert not after(*before, asked).forward(asked)
    assert not (asked.action in ("shift", "route") and not asked.share and after(*before).forward(asked))
