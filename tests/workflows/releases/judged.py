"""Releases on the memory platform, whose traffic is written tick by tick and whose ticks pass in a moment."""

import json

from temporalio.service import RPCError

from domain.core.errors import SluicewayError
from tests.support.lab import Lab, until
from workers.client import releases

DEPLOY = """jobs:
  ship:
    environment: {environment}
    deploy:
      service: web
      version: "{version}"
      command: [x]
      strategy: {strategy}
      analysis: {{tick: 0.1, min-dwell: 0.3, max-dwell: 1h, warm-up: 0, first-weight: 5 {more}}}
{extra}
"""


def text(environment: str, version: str, strategy: str = "canary", more: str = "", extra: str = "") -> str:
    return DEPLOY.format(environment=environment, version=version, strategy=strategy, more=more, extra=extra)


async def second(lab: Lab) -> str:
    """The id of the second release, once it exists."""
    return await nth(lab, 2)


async def nth(lab: Lab, count: int) -> str:
    """The id of the newest release, once there are so many."""
    await until(lambda: len(lab.records.releases.latest()) >= count)
    return lab.records.releases.latest()[0]["id"]


async def first(lab: Lab, environment: str, strategy: str = "canary") -> None:
    result = await lab.result(await lab.start(text(environment, "1", strategy)))
    assert result.status == "passed", result.reason


async def view(lab: Lab, release: str):
    return await releases.view(lab.engine, release)


async def reached(lab: Lab, release: str, percent: float):
    async def there():
        try:
            seen = await view(lab, release)
        except (SluicewayError, RPCError):
            return None
        return seen if seen.percent >= percent and "watch" in " ".join(e.what for e in seen.story) else None

    return await until(there)


def recorded(lab: Lab) -> dict:
    return json.loads(lab.records.releases.latest()[0]["result"])
