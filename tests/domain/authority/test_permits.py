"""A permit fits what it was made for, and nothing else."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.authority.permit import LIFE_S, Claim, Effect, Permit, fits, permit_text
from domain.pipelines.container import ContainerSpec, ServiceSpec
from domain.pipelines.held_expressions import difference, matches
from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import Step

NOW = 1_800_000_000
TEXT = st.text(max_size=8)
CLAIMS = st.builds(
    Claim,
    effect=st.sampled_from(Effect),
    subject=TEXT,
    what=st.dictionaries(TEXT, st.one_of(TEXT, st.integers(), st.booleans()), max_size=3),
    run=TEXT,
    job=TEXT,
    attempt=st.integers(1, 9),
    action=TEXT,
    share=st.integers(0, 10_000),
)


def permit(claim: Claim) -> Permit:
    return Permit(
        effect=claim.effect,
        subject=claim.subject,
        digest=claim.digest,
        run=claim.run,
        job=claim.job,
        attempt=claim.attempt,
        action=claim.action,
        share=claim.share,
        made_at=NOW,
        expires_at=NOW + LIFE_S,
    )


@given(CLAIMS)
def test_it_fits_what_it_was_made_for(claim):
    assert fits(permit(claim), claim, NOW) == ""


@given(CLAIMS, CLAIMS)
def test_it_fits_no_other_claim(claim, other):
    assume(replace(claim, share=0) != replace(other, share=0) or other.share > claim.share)

    assert fits(permit(claim), other, NOW)


@given(CLAIMS, st.integers(0, 10_000))
def test_it_covers_less_of_the_traffic_and_never_more(claim, share):
    assert bool(fits(permit(claim), replace(claim, share=share), NOW)) == (share > claim.share)


@given(CLAIMS, st.integers(-3 * LIFE_S, 3 * LIFE_S))
def test_it_ends(claim, later):
    assert bool(fits(permit(claim), claim, NOW + later)) == (not -LIFE_S <= later < LIFE_S)


@given(CLAIMS)
def test_its_signed_text_says_everything(claim):
    text = permit_text(replace(permit(claim), person="person:ann", groups=("leads",)))

    assert text.startswith(b"sluiceway/permit/v1\0")
    for field in fields(Permit):
        assert f'"{field.name}":'.encode() in text


@given(CLAIMS)
def test_one_that_nobody_ordered_through_a_server_is_what_it_was_before_permits_named_people(claim):
    assert b'"person"' not in permit_text(permit(claim))
    assert b'"groups"' not in permit_text(permit(claim))


VALUES = st.text(alphabet="ab ${}'", max_size=12)


@given(VALUES, VALUES, VALUES, VALUES)
def test_any_value_may_stand_in_the_place_of_an_expression(before, value, between, other):
    template = f"{before}|${{{{ one }}}}|{between.replace('$', '')}|${{{{ two }}}}"
    assume("${{" not in before)

    assert matches(template, f"{before}|{value}|{between.replace('$', '')}|{other}")
    assert not matches(template, f"{before}!{value}|{between.replace('$', '')}|{other}"[: len(before) + 1])


@pytest.mark.parametrize(
    ("template", "text", "same"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("${{ x }}", "", True),
        ("a${{ x }}a", "a", False),
        ("a${{ '}}' }}b", "a-b", True),
        ("${{ x }}:${{ y }}", "no colon", False),
    ],
)
def test_the_text_around_expressions_is_literal(template, text, same):
    assert matches(template, text) is same


def test_scripts_are_compared_to_the_letter_wherever_they_look_like_expressions():
    planned = Job("j", JobKind.RUN, steps=(Step("echo ${{ x }}"),))

    assert difference(planned, planned) == ""
    assert difference(planned, replace(planned, steps=(Step("echo id"),))) == "steps[0].run"


def test_what_stands_deep_in_a_job_is_compared():
    planned = Job(
        "j", JobKind.RUN, container=ContainerSpec("a:${{ v }}", services=(ServiceSpec("db", "d", env={"K": "v"}),))
    )
    assert planned.container is not None
    changed = replace(planned.container, image="a:1", services=(ServiceSpec("db", "d", env={"K": "w"}),))

    assert difference(planned, replace(planned, container=replace(planned.container, image="a:1"))) == ""
    assert difference(planned, replace(planned, container=changed)) == "container.services[0].env.K"
