"""Every page of the console, as tests walk through them. A page of another feature adds its line."""

from __future__ import annotations

APPROVAL = "/approvals/web-shop/30/release-approval"
RUN, OLD_RUN, RELEASE = "/runs/web-shop/30", "/runs/web-shop/25", "/releases/web-shop/production/12"
PAGES = (
    "/",
    "/runs",
    "/runs?text=change&status=failed",
    RUN,
    OLD_RUN,
    f"{RUN}/log/unit",
    f"{RUN}/findings",
    "/pipelines",
    "/pipelines/web-shop",
    "/pipelines/web-shop/start",
    "/findings",
    "/findings?severity=high&text=a",
    "/releases",
    RELEASE,
    "/releases/web-shop/staging/11",
    "/environments",
    "/environments/production",
    "/environments/staging",
    "/environments/staging/services",
    "/queues",
    "/definitions",
    "/people",
    "/tokens",
    "/access",
    "/access?action=runs:start&resource=pipeline:web-shop",
    "/access/grants",
    "/access/who-can",
    "/access/labels",
    "/access/policies",
    "/access/policies/change-freeze",
    "/inbox",
    "/inbox?all=1",
    APPROVAL,
    "/audit",
    "/audit?actor=ann&outcome=denied&kind=decision",
    "/audit/7",
    "/audit/check",
    "/exec",
    "/exec?running=1",
    "/exec/new",
    "/exec/new?cluster=edge&pod=web",
    "/exec/s1",
    "/exec/s2",
)
EMPTY = (
    *("/", "/inbox", "/runs", "/pipelines", "/findings", "/releases", "/environments", "/queues", "/access/grants"),
    *("/audit", "/exec"),
)
"""Those that show something where nothing is there."""
MISSING = (
    "/nothing/here",
    "/runs/web-shop/999",
    "/runs/x/1/log/y",
    "/approvals/x/1/ok",
    "/releases/a/b/1",
    "/environments/nowhere",
    "/pipelines/nothing/start",
    "/access/policies/nothing",
    "/audit/999999",
    "/exec/none",
)
"""Of what does not exist."""
