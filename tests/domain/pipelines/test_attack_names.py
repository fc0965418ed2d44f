"""Texts of a job that become ids, paths and routes: what is no name is refused once its expressions are evaluated."""

import pytest

from domain.clusters.provision import ProvisionSpec
from domain.clusters.spec import ClusterSpec
from domain.core import names
from domain.pipelines import job_names
from domain.pipelines.container import ContainerSpec
from domain.pipelines.job import Job, JobKind
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.volumes.volume import VolumeAction, VolumeSpec
from domain.volumes.volume_job import VolumeJob

BAD = ("../../x", "Production", "a_r4", "a b", "x" * 64, "a`) || Host(`b", "a\n")


def jobs(name: str) -> list[Job]:
    return [
        Job("a", JobKind.RUN, environment=name),
        Job("a", JobKind.DEPLOY, environment="ok", deploy=DeploySpec(service=name)),
        Job("a", JobKind.PROVISION, provision=ProvisionSpec(ClusterSpec(name, "local"), name)),
        Job("a", JobKind.RUN, container=ContainerSpec("image", cluster=name)),
        Job("a", JobKind.RUN, container=ContainerSpec("image", cluster="ok", namespace=name)),
        Job("a", JobKind.VOLUME, volume=VolumeJob(name, VolumeSpec(namespace="ok", name="ok"), VolumeAction.CREATE)),
        Job("a", JobKind.VOLUME, volume=VolumeJob("ok", VolumeSpec(namespace=name, name="ok"), VolumeAction.CREATE)),
        Job("a", JobKind.VOLUME, volume=VolumeJob("ok", VolumeSpec(namespace="ok", name=name), VolumeAction.CREATE)),
    ]


@pytest.mark.parametrize("name", BAD)
def test_no_part_of_a_job_that_becomes_an_id_takes_what_is_no_name(name):
    assert [job_names.complaint(job).partition(":")[0] for job in jobs(name)] == ["SLW060"] * 8
    assert [job_names.complaint(job) for job in jobs("production-2")] == [""] * 8


@pytest.mark.parametrize("name", BAD)
def test_no_target_takes_a_deployment_whose_names_are_none(name):
    good = Deployment(service="web", environment="production", instance="r4")

    assert good.complaint() == ""
    for bad in (("web", name, "r4"), (name, "production", "r4"), ("web", "production", name)):
        assert Deployment(service=bad[0], environment=bad[1], instance=bad[2]).complaint()


@pytest.mark.parametrize("service", ["preview", "sluiceway"])
def test_no_service_has_a_name_of_the_routers_own(service):
    assert "router" in Deployment(service=service, environment="web", instance="r1").complaint()


@pytest.mark.parametrize("text", ["My Repo.git", "..", "a/b", "ÄÖ", "x" * 99, "a\nb"])
def test_the_nearest_name_of_any_text_is_a_name(text):
    assert names.is_name(names.nearest(text))
