"""Several services in one deploy job: a job each, what all say and what one says, and what is refused."""

import pytest

from domain.triggers.events import Event, EventKind
from pipeline_defs.documents import check
from pipeline_defs.pipelines.compile import compile_plan

JOB = """apiVersion: sluiceway/v1
kind: Pipeline
name: shop
jobs:
  ship:
    environment: shops
    {more}
    deploy:
      service: {service}
      strategy: {strategy}
      command: [serve]
      services:
        web: {{needs: [{web}], instances: 2}}
        api: {{command: [api], needs: [{api}], {field}}}
"""


def text(service="all", strategy="canary", web="api", api="", more="when: 'true'", field="drain: 3s") -> bytes:
    return JOB.format(service=service, strategy=strategy, web=web, api=api, more=more, field=field).encode()


def test_each_service_has_a_job_with_what_it_says_and_what_is_said_for_all():
    plan = compile_plan(
        check(text(), "p.yaml", lambda path: None), Event(repo="r", commit="c" * 40, kind=EventKind.PUSH)
    )
    jobs = {job.id: job.deploy for job in plan.jobs if job.deploy}

    assert list(jobs) == ["ship[service=web]", "ship[service=api]"]
    web, api = jobs.values()
    assert (web.service, web.command, web.instances, web.drain_s) == ("web", ("serve",), 2, 5)
    assert (api.service, api.command, api.instances, api.drain_s) == ("api", ("api",), 1, 3)
    assert web.together is not None
    assert web.together == api.together
    assert (web.together.name, web.together.needs) == ("all", {"web": ("api",), "api": ()})
    assert {job.group for job in plan.jobs} == {"ship"}
    assert not any(job.fail_fast for job in plan.jobs)


@pytest.mark.parametrize(
    ("given", "code", "line", "words"),
    [
        ({"service": "web"}, "SLW203", 9, "a name that none of them has"),
        ({"strategy": "rolling"}, "SLW703", 10, "without traffic"),
        ({"api": "web"}, "SLW203", 13, "in a circle"),
        ({"web": "app"}, "SLW203", 13, "none of web, api"),
        ({"field": "image: x"}, "SLW702", 14, "for target"),
        ({"field": "strategy: canary"}, "SLW201", 14, "the same for all services"),
        ({"more": "matrix: {axes: {n: [1, 2]}}"}, "SLW308", 7, "no matrix"),
    ],
)
def test_what_services_cannot_be_is_told_where_it_is_written_and_once(given, code, line, words):
    found = [one for one in check(text(**given), "p.yaml", lambda path: None).diagnostics if one.severity == "error"]
    assert [(one.code, one.line) for one in found] == [(code, line)], "\n".join(map(str, found))
    assert words in f"{found[0].message} {found[0].hint}"


@pytest.mark.parametrize(("field", "told"), [("drain: 3s", 1), ("routing: {header: 'x-sluiceway-set: all'}", 0)])
def test_a_called_service_that_no_header_leads_to_is_warned_of(field, told):
    found = [one for one in check(text(field=field), "p.yaml", lambda path: None).diagnostics if one.code == "SLW029"]
    assert [(one.severity, one.line) for one in found] == [("warning", 14)] * told
