"""Where a secret would be told besides the log: reports, findings, reasons, records, and all that is made of them."""

import json

from activities.storage.stores.folder import FolderStore
from tests.support.lab import Lab

SECRET = 's3cr3t/of "the" <test>\'s-5f1c'
PIPELINE = """
  unit:
    secrets: [TOKEN]
    continue-on-error: true
    artifacts: {out: {report: '*.sarif'}}
    test:
      junit: '*.xml'
      steps: |
        python3 - <<'DONE'
        import base64, json, os, html, urllib.parse
        t = os.environ["TOKEN"]
        b = base64.encodebytes(b"user:" + t.encode() * 3).decode()
        e = html.escape(t)
        open("r.xml", "w").write(
            f'<testsuite><testcase name="{e}" time="1"><failure message="{e}&#10;{b}"/></testcase></testsuite>')
        found = {"ruleId": "x", "message": {"text": f"{t} and {urllib.parse.quote(t)}"}, "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 1, "snippet": {"text": t}}}}]}
        run = {"tool": {"driver": {"name": "other"}}, "invocations": [{"executionSuccessful": True}], "results": [found]}
        open("r.sarif", "w").write(json.dumps({"version": "2.1.0", "runs": [run]}))
        DONE
  imported:
    needs: unit
    scan: {tools: [markers], sarif: '*.sarif'}
    artifacts: {in: unit.report}
  wrong:
    secrets: [TOKEN]
    run: echo "no equals sign $TOKEN" >> "$SLUICEWAY_OUTPUT"
"""


async def test_a_secret_is_in_no_report_no_finding_and_no_reason(lab: Lab):
    lab.secret("token", SECRET)
    run = await lab.start(f"jobs:{PIPELINE}", {"a.py": "x = 1\n"}, head="secrets: [TOKEN]\n")
    result = await lab.result(run)
    history = (await lab.engine.client.get_workflow_handle(run).fetch_history()).to_json()
    jobs = {row["job"]: json.loads(row["result"]) for row in lab.records.runs.jobs(run)}
    told = history + "".join(str(one) for one in jobs.values()) + result.reason
    for digest in (one["report"] for one in jobs.values() if one.get("report")):
        told += FolderStore(lab.settings.home / "store").get(digest).decode()

    assert jobs["unit"]["counts"]["failed"] == 1
    assert "no equals sign ***" in jobs["wrong"]["reason"]
    assert "*** and ***" in told
    forms = (SECRET, json.dumps(SECRET)[1:-1], SECRET[:12], "s3cr3t", "czNjcjN0L", "&#x27;s-5f1c")
    assert [form for form in forms if form in told] == []
