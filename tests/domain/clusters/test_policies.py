"""Who refuses objects is named by what is installed, and by the words of a refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters.policies import MOST_CHARACTERS, MOST_RULES, engine, refuser, refusing
from domain.core.documents import Object

_KYVERNO = """admission webhook "validate.kyverno.svc-fail" denied the request:

resource Pod/shop/web was blocked due to the following policies

latest-tag:
  one-rule: 'validation error: exceeded quota: none'
"""
WORDS = {
    "403: deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'replicas' with binding 'few' denied request: no": "ValidatingAdmissionPolicy replicas",
    "422: ValidatingAdmissionPolicy 'replicas' denied request: no": "ValidatingAdmissionPolicy replicas",
    '403: pods "web" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot': "Pod Security restricted:latest",
    '403: pods "web" is forbidden: exceeded quota: team, requested: pods=1': "ResourceQuota team",
    '403: pods "web" is forbidden: failed quota: team: must specify cpu': "ResourceQuota team",
    '403: admission webhook "validation.gatekeeper.sh" denied the request: [own-repos] no': "Gatekeeper, constraint own-repos",
    f"403: {_KYVERNO}": "Kyverno, policy latest-tag",
    '403: admission webhook "vpol.validate.kyverno.svc-fail" denied the request: Policy tags failed: x': "Kyverno, policy tags",
    '403: admission webhook "a.example.com" denied the request: exceeded quota: x': "admission webhook a.example.com",
    '403: pods "web" is forbidden: [maximum cpu usage per Container is 1, but limit is 2]': "LimitRange, maximum",
    "500: something broke": "",
}


@pytest.mark.parametrize(("words", "who"), WORDS.items(), ids=[*WORDS.values()])
def test_the_words_of_a_refusal_name_who_refused(words, who):
    assert refuser(words) == who


@given(st.text(max_size=50), st.sampled_from([*WORDS]), st.text(max_size=50))
def test_strange_words_are_never_an_error_and_never_long(before, words, after):
    assert len(refuser(before + words + after)) <= MOST_CHARACTERS


@given(st.lists(st.text(max_size=300), max_size=60))
def test_rules_are_kept_within_bounds(names):
    found = engine("Kyverno", names)
    assert len(found.rules) <= MOST_RULES
    assert list(found.rules) == sorted({one for one in found.rules if one})


def test_a_binding_that_only_warns_refuses_nothing():
    bindings: list[Object] = [
        {"spec": {"policyName": name, "validationActions": [action]}}
        for name, action in [("replicas", "Deny"), ("labels", "Warn"), ("names", "Audit")]
    ]
    assert list(refusing([*bindings, {"spec": 7}])) == ["replicas"]
