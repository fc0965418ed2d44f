"""How pods reach the job endpoint, from environment variables."""

from __future__ import annotations

from collections.abc import Mapping

from domain.core.errors import DefinitionError
from domain.jobs.agent import AgentPlace, place_of


def agents_of(env: Mapping[str, str]) -> AgentPlace:
    """SLUICEWAY_AGENT_ADDRESS, SLUICEWAY_AGENT_IMAGE.

    Raises:
        DefinitionError: SLW503, the address is none of one machine.
    """
    given = env["SLUICEWAY_AGENT_ADDRESS"]
    try:
        return place_of(given, env.get("SLUICEWAY_AGENT_IMAGE", ""))
    except ValueError as wrong:
        fix = "the IP address and port of this machine as pods reach it, such as 10.0.0.5:7443"
        raise DefinitionError("SLW503", f"SLUICEWAY_AGENT_ADDRESS is '{given}'", why=str(wrong), fix=fix) from None
