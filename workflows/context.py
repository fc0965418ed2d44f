"""What a job's expressions see in a run, and a job with its expressions replaced by their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain import results
from domain.pipeline import Job
from domain.results import JobResult, Status
from pipeline_defs import expressions


class Seen:
    """Groups and results of a run, as conditions and texts name them."""

    def __init__(self, base: Mapping[str, Any]) -> None:
        self._base = base
        self._cells: dict[str, list[str]] = {}
        self._jobs: dict[str, Job] = {}
        self.results: dict[str, JobResult] = {}

    def add(self, job: Job) -> None:
        self._cells.setdefault(job.group, []).append(job.id)
        self._jobs[job.id] = job

    def remove(self, job: Job) -> None:
        """A for-each job makes room for its items."""
        self._cells[job.group].remove(job.id)

    def context(self, job: Job, statuses: Mapping[str, Status], item: Any = None) -> dict[str, Any]:
        names = job.needs_as or {need: (need,) for need in job.needs}
        needs = {name: self._need(groups, statuses) for name, groups in names.items()}
        for need in job.needs:  # needs that a component got from its user have no name inside, and still count
            if not any(need in groups for groups in names.values()):
                needs[need] = self._need((need,), statuses)
        return {**self._base, "needs": needs, "matrix": job.matrix, "inputs": job.inputs, "item": item}

    def _need(self, groups: tuple[str, ...], statuses: Mapping[str, Status]) -> dict[str, Any]:
        result = results.worst([statuses[group] for group in groups if group in statuses])
        cells = [cell for group in groups for cell in self._cells.get(group, [])]
        known = [(cell, self.results[cell]) for cell in cells if cell in self.results]
        many = len(groups) == 1 and any("[" in cell for cell in cells)
        outputs: dict[str, Any] = {}
        for _, ended in known:
            for name, value in ended.outputs.items():
                if many:
                    outputs.setdefault(name, []).append(value)
                else:
                    outputs[name] = value
        by_key = {
            cell.partition("[")[2].rstrip("]"): {"result": str(ended.status), "outputs": ended.outputs}
            for cell, ended in known
            if "[" in cell
        }
        return {"result": str(result), "outputs": outputs, "cells": by_key}

    def artifacts(self, references: tuple[str, ...]) -> dict[str, str]:
        """`job.name` (or `job[cell].name`) to digest, of every cell that has it."""
        found: dict[str, str] = {}
        for reference in references:
            group, _, name = reference.partition(".")
            for cell in self._cells.get(group, []):
                ended = self.results.get(cell)
                if ended and name in ended.artifacts:
                    found[f"{cell}.{name}"] = ended.artifacts[name]
        return found

    def cells(self, group: str) -> list[str]:
        return self._cells.get(group, [])


def filled(job: Job, context: Mapping[str, Any]) -> Job:
    """The job with every `${{ … }}` replaced.

    Raises:
        ExpressionError: one cannot be evaluated.
    """

    def fill(texts: Mapping[str, str]) -> dict[str, str]:
        return {key: expressions.fill(text, context) for key, text in texts.items()}

    image, deploy, asked, terms = job.image, job.deploy, job.approval, job.concurrency
    container, scan, provision, volume = job.container, job.scan, job.provision, job.volume
    if container:
        services = tuple(
            replace(one, image=expressions.fill(one.image, context), env=fill(one.env)) for one in container.services
        )
        image_of, cluster = (expressions.fill(text, context) for text in (container.image, container.cluster))
        container = replace(container, image=image_of, cluster=cluster, services=services)
    if scan and scan.image:
        scan = replace(scan, image=expressions.fill(scan.image, context))
    if terms.group:
        terms = replace(terms, group=expressions.fill(terms.group, context))
    if image:
        image = replace(image, tag=expressions.fill(image.tag, context), build_args=fill(image.build_args))
    if deploy:
        version, runs = expressions.fill(deploy.version, context), expressions.fill(deploy.image, context)
        deploy = replace(deploy, version=version, image=runs)
    if provision:
        provision = replace(provision, name=expressions.fill(provision.name, context))
    if volume:
        volume = replace(volume, cluster=expressions.fill(volume.cluster, context))
    if asked:
        asked = replace(asked, message=expressions.fill(asked.message, context))
    return replace(
        job,
        env=fill(job.env),
        steps=tuple(replace(step, env=fill(step.env)) if step.env else step for step in job.steps),
        image=image,
        container=container,
        scan=scan,
        deploy=deploy,
        provision=provision,
        volume=volume,
        approval=asked,
        concurrency=terms,
        caches=tuple(
            replace(
                one,
                key=expressions.fill(one.key, context),
                fallbacks=tuple(expressions.fill(text, context) for text in one.fallbacks),
            )
            for one in job.caches
        ),
    )
