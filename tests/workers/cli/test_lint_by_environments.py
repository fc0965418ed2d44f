"""`lint` refuses what an environment that is known here would refuse when the job runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import call

PIPELINE = """apiVersion: sluiceway/v1
kind: Pipeline
name: shop
jobs:
  ship:
    environment: shops
    deploy:
      service: shop
      strategy: canary
      target: kubernetes
      image: web@sha256:{digest}
      services: {{web: {{needs: [api]}}, api: {{}}}}
"""
ENVIRONMENT = "apiVersion: sluiceway/v1\nkind: Environment\nname: shops\ntarget: {kubernetes: {namespace: shop, %s}}\n"
MANY, ONE = ENVIRONMENT % "clusters: {eu: {}, us: {}}", ENVIRONMENT % "cluster: eu"


@pytest.fixture
def files(home: Path, tmp_path: Path) -> Path:
    (tmp_path / "p.yaml").write_text(PIPELINE.format(digest="0" * 64))
    (tmp_path / "many.yaml").write_text(MANY)
    (tmp_path / "one.yaml").write_text(ONE)
    return tmp_path


def test_services_as_one_to_several_clusters_are_refused_by_the_environment_file_beside_them(files: Path) -> None:
    code, said, _ = call("lint", "p.yaml", "many.yaml", cwd=files)
    assert code == 2
    assert "p.yaml:12:7: error SLW709: services are released as one to one place, and shops is registered" in said
    assert "SLW709" not in call("lint", "p.yaml", cwd=files)[1]
    assert "SLW709" not in call("lint", "p.yaml", "one.yaml", cwd=files)[1]


def test_an_image_alone_is_refused_where_releases_are_made_of_what_stands_in_git(files: Path) -> None:
    (files / "git.yaml").write_text(f"{ONE}git: {{import: true}}\n")
    code, said, _ = call("lint", "p.yaml", "git.yaml", cwd=files)
    assert code == 2
    assert "p.yaml:7:5: error SLW705: shops says `git: {import: true}`" in said
    assert "SLW705" not in call("lint", "p.yaml", "one.yaml", cwd=files)[1]


def test_services_as_one_to_several_clusters_are_refused_by_what_is_registered_in_this_home(files: Path) -> None:
    assert call("apply", "many.yaml", cwd=files)[0] == 0
    code, said, _ = call("lint", "p.yaml", cwd=files)
    assert (code, "SLW709" in said) == (2, True)

    assert "SLW709" not in call("lint", "p.yaml", "one.yaml", cwd=files)[1], "a file beside it is what comes next"
