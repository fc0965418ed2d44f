"""Rows of Jobs and CronJobs."""

from __future__ import annotations

from domain.inventory.details import CronJobDetails, JobDetails
from domain.inventory.model import Health, ObjectRow
from domain.inventory.pods import requested
from domain.inventory.scene import Scene, ending_since, row, version_of, why_ending
from domain.inventory.texts import clean, condition, conditions, labels, moment, number
from domain.inventory.workload_shapes import CronJob, Job
from domain.inventory.workloads import Seen, images_of


def job_row(one: Job, scene: Scene) -> ObjectRow:
    """Job. Its pods wanted are its completions, or what runs beside each other where any success ends it."""
    health, status, reason = _seen(one)
    spec, said = one.spec, one.status
    images, asked = images_of(spec.template.spec), requested(spec.template.spec)
    details: JobDetails = {
        "active": number(said.active),
        "succeeded": number(said.succeeded),
        "failed": number(said.failed),
        "completions": number(spec.completions),
        "parallelism": number(spec.parallelism),
        "suspended": bool(spec.suspend),
        "started_at": moment(said.start_time),
        "ended_at": _ended_at(one),
        "cron": next((clean(each.name) for each in one.metadata.owner_references or () if each.kind == "CronJob"), ""),
        "images": images,
        "labels": labels(spec.template.metadata.labels),
        "conditions": conditions(said.conditions),
    }
    return row(
        scene,
        "Job",
        one.metadata,
        health,
        status,
        {**details},
        reason=reason,
        since=_ended_at(one) or ending_since(one.metadata) or moment(said.start_time),
        owner=f"CronJob/{details['cron']}" if details["cron"] else "",
        version=version_of(one.metadata, images[0] if images else ""),
        wanted=number(spec.completions or spec.parallelism),
        ready=number(said.succeeded),
        cpu_m=asked[0],
        memory_mb=asked[1],
    )


def _seen(one: Job) -> Seen:
    said = one.status
    failed, complete = (condition(said.conditions, kind) for kind in ("Failed", "Complete"))
    if failed.status == "True":
        return Health.DEGRADED, "Failed", failed.message or failed.reason or "it has failed"
    if complete.status == "True":
        return Health.HEALTHY, "Complete", ""
    if ending_since(one.metadata):
        return Health.PROGRESSING, "Terminating", why_ending(one.metadata)
    if one.spec.suspend or condition(said.conditions, "Suspended").status == "True":
        return Health.SUSPENDED, "Suspended", "somebody has suspended it"
    bad = f", {said.failed} pods have failed" if said.failed else ""
    if said.active:
        return Health.PROGRESSING, "Running", f"{said.active} pods are running{bad}"
    return Health.PROGRESSING, "Pending", f"no pod is running yet{bad}"


def _ended_at(one: Job) -> float:
    ends = [condition(one.status.conditions, kind) for kind in ("Failed", "Complete")]
    told = [moment(each.last_transition_time) for each in ends if each.status == "True"]
    return moment(one.status.completion_time) or max(told, default=0.0)


def cron_job_row(one: CronJob, scene: Scene) -> ObjectRow:
    """CronJob."""
    spec, said = one.spec, one.status
    template = spec.job_template.spec.template
    images, asked = images_of(template.spec), requested(template.spec)
    details: CronJobDetails = {
        "schedule": clean(spec.schedule),
        "zone": clean(spec.time_zone),
        "suspended": bool(spec.suspend),
        "active": len(said.active or ()),
        "last_at": moment(said.last_schedule_time),
        "succeeded_at": moment(said.last_successful_time),
        "images": images,
        "labels": labels(template.metadata.labels),
    }
    suspended = (Health.SUSPENDED, "Suspended", "somebody has suspended it")
    fine = (Health.HEALTHY, "Active" if said.active else "Scheduled", "")
    health, status, reason = suspended if spec.suspend else fine
    return row(
        scene,
        "CronJob",
        one.metadata,
        health,
        status,
        {**details},
        reason=reason,
        since=moment(said.last_schedule_time),
        version=version_of(one.metadata, images[0] if images else ""),
        wanted=details["active"],
        cpu_m=asked[0],
        memory_mb=asked[1],
    )
