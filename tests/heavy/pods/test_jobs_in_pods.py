"""Jobs in pods of a real node: services beside them, secrets, quotas, and what is refused before anything runs."""

import pytest

from domain.clusters.network_probe import Isolation, verdict
from domain.jobs.result import Status
from tests.contracts.executors.test_executors import ended, home_hash, lines
from tests.support.lab import Lab
from tests.support.made_clusters import IMAGE, NAME
from workers.client.clusters import Clusters
from workers.client.network_probe import Probe

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(180)]
IN_POD = f"    container: {{image: {IMAGE}, cluster: {NAME}, pull: never}}\n"


@pytest.fixture
def known(lab: Lab, real_node):
    real_node.known_to(lab)
    yield real_node
    assert real_node.left(home_hash(lab)) == []


async def test_a_service_is_reached_by_its_name_and_gets_its_secret(lab: Lab, known):
    lab.secret("lab-secret", "s3cr3t-of-a-service")
    text = f"""    secrets: [TOKEN]
    container:
      image: {IMAGE}
      cluster: {NAME}
      pull: never
      services:
        web:
          image: {IMAGE}
          command: [/bin/sh, -c, 'mkdir /tmp/www; test -n "$TOKEN" && echo served > /tmp/www/index.html; httpd -f -p 8080 -h /tmp/www']
          secrets: [TOKEN]
          port: 8080
    run: wget -q -O - http://web:8080/index.html
"""
    result = await ended(lab, text, head="secrets: {TOKEN: lab-secret}\n")

    assert result.status == Status.PASSED, (result.reason, lines(lab, result))
    assert (1, "out", "served") in lines(lab, result)


async def test_a_service_that_ends_is_told_with_its_last_words(lab: Lab, known):
    services = f"{{db: {{image: {IMAGE}, command: [/bin/sh, -c, 'echo no disk; exit 3'], port: 5432}}}}"
    text = (
        f"    container: {{image: {IMAGE}, cluster: {NAME}, pull: never, services: {services}}}\n    run: echo never\n"
    )
    result = await ended(lab, text)

    assert result.status == Status.FAILED
    assert "service db exited with 3" in result.reason
    assert "no disk" in result.reason


async def test_a_run_whose_pod_no_quota_lets_through_is_refused_before_anything_starts(lab: Lab, known):
    pod = IN_POD.replace("pull", "namespace: small, pull") + "    cpu: 2\n    needs: first\n    run: echo never\n"
    result, view = await lab.run("jobs:\n  first:\n    run: 'true'\n  big:\n" + pod)

    assert result.status == "refused"
    assert "quota tenant allows 1 of requests.cpu: 2 requested" in result.reason
    assert {job.status for job in view.jobs} == {"cancelled"}


async def test_artifacts_come_and_go_by_digest(lab: Lab, known):
    jobs = (
        "jobs:\n  make:\n"
        + IN_POD
        + "    artifacts: {out: {page: page.txt}}\n    run: echo made > page.txt\n  use:\n    needs: make\n"
        + IN_POD
        + "    artifacts: {in: [make.page]}\n    run: test $(cat page.txt) = made\n"
    )
    result, _ = await lab.run(jobs)

    assert result.status == "passed", result.reason


async def test_an_image_that_is_not_there_and_a_cluster_that_nobody_knows_say_so(lab: Lab, known):
    missing = await ended(lab, IN_POD.replace(IMAGE, "nowhere.example/none:1") + "    run: 'true'\n")
    unknown, _ = await lab.run("jobs:\n  a:\n" + IN_POD.replace(NAME, "atlantis") + "    run: 'true'\n")

    assert "ErrImageNeverPull" in missing.reason
    assert (unknown.status, unknown.reason) == ("refused", "a: unknown cluster atlantis")


async def test_a_probe_finds_out_that_a_plain_bridge_enforces_no_policies(lab: Lab, known):
    probe = Probe(Clusters(lab.engine), known.kube, NAME, known.access, IMAGE)
    reached = await probe.run("small", "default")

    assert reached.neighbour
    assert verdict(reached, isolated=True, by="bridge").isolation is Isolation.NOT_ENFORCED
