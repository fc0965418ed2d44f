"""What somebody may no longer do does not happen in a run that they started before."""

from __future__ import annotations

import pytest

from domain.authority.permit import Effect
from domain.core.errors import RefusedError
from tests.support.signers import JOBS, Signing, execution, release


@pytest.fixture
def signing() -> Signing:
    found = Signing()
    found.begun()
    found.judged()
    found.decided()
    return found


def test_the_next_effect_is_refused_with_the_rule(signing: Signing) -> None:
    assert signing.client.permit(release()).permit.effect is Effect.DEPLOY
    signing.registry.forbidden[("repository:/repo", "effect:deploy")] = "default/deny"
    with pytest.raises(RefusedError) as refused:
        signing.client.permit(release())
    assert (refused.value.code, refused.value.where) == ("SLW484", "default/deny")
    assert "effect:deploy on environment:prod" in refused.value.what
    assert signing.client.permit(execution(JOBS[0])).permit.effect is Effect.EXEC


def test_a_refusal_stands_in_the_signers_log(signing: Signing) -> None:
    signing.registry.forbidden[("repository:/repo", "effect:execute")] = "mac/integrity"
    with pytest.raises(RefusedError, match="SLW484"):
        signing.client.permit(execution(JOBS[0]))
    last = list(signing.log.entries())[-1]
    assert (last.kind, last.body["code"]) == ("refusal", "SLW484")
