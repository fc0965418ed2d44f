"""A job that writes its secret in every way that tools do: no log, no result and no page of the run has it."""

from __future__ import annotations

import base64
import json
import secrets

from activities.jobs.logs import parse
from domain.core.documents import Node
from tests.support.lab import Lab

TOKEN = 'S3cr"et\\Token-0815'
PRINTS = """import base64, json, os
from xml.sax.saxutils import quoteattr
token, key = os.environ["TOKEN"], os.environ["KEY"]
print("begun", base64.encodebytes(key.encode()).decode(), json.dumps(token), repr(token), token.encode().hex(), sep="\\n")
print("::error title=" + token + "::" + token, "\\n", "##vso[task.setvariable variable=x]" + token)
open("r.xml", "w").write(
    "<testsuite><testcase name='t'><failure message=" + quoteattr("got " + token) + "/></testcase></testsuite>")
"""
JOBS = """jobs:
  t:
    secrets: [TOKEN, KEY]
    test:
      steps:
        - python3 prints.py
        - printf %s "$TOKEN" | od -An -c
        - printf %s "$KEY" | base64
      junit: r.xml
"""


async def test_no_form_of_a_secret_is_in_logs_reasons_or_the_report(lab: Lab) -> None:
    key = "\n".join(["-----BEGIN KEY-----", *(secrets.token_urlsafe(48) for _ in range(20)), "-----END KEY-----"])
    lab.secret("a-token", TOKEN)
    lab.secret("a-key", key)
    run = await lab.start(JOBS, {"prints.py": PRINTS}, head="secrets: {TOKEN: a-token, KEY: a-key}\n")
    result = await lab.result(run)
    (row,) = lab.records.runs.jobs(run)
    digest = Node(json.loads(row["result"]))["log"].text()
    log = "\n".join(line.text for line in parse(lab.wired.store.get(digest)))
    page = lab.wired.store.get(result.report).decode()

    coded = base64.encodebytes(key.encode()).decode().split()
    forms = [
        TOKEN,
        json.dumps(TOKEN)[1:-1],
        TOKEN.encode().hex(),
        "S3cr&quot;et",
        "S3cr&#34;et",
        *coded,
        *key.split("\n")[1:-1],
    ]
    for where, text in (("log", log), ("page", page), ("result", repr(result) + row["result"])):
        assert [form for form in forms if form in text] == [], where
    spaced = "".join(log.split())
    assert "S3cr" not in spaced
    assert ("begun" in log, result.status) == (True, "failed"), "the steps ran, and the failed test is told"
    assert "***" in log
