"""What is looked at before an image leaves the machine, and the login that it leaves with."""

from __future__ import annotations

from collections.abc import Mapping

from activities.authority.port import Permits
from activities.jobs.event import secret_use
from activities.jobs.permits import publication
from activities.jobs.port import JobInput
from activities.supply_chain.registry_access import RegistryAccess
from domain.core.errors import RefusedError


def login_to_push(input: JobInput, permits: Permits, registries: RegistryAccess) -> Mapping[str, str] | None:
    """The login of the registry that a job pushes to; None: it pushes nothing, or with this machine's of Docker.

    Raises:
        RefusedError: SLW840, a commit has named a registry that nobody above it has; SLW011 to SLW014, the signer
            does not permit it; SLW041, no rule gives this run the login.
    """
    image = input.job.image
    if image is None or not image.push:
        return None
    if why := registries.refusal(image.tag):
        fix = "if it is yours, name it in SLUICEWAY_REGISTRIES of the worker"
        raise RefusedError("SLW840", f"{image.tag[:200]} is not pushed", why=why, fix=fix)
    permits.permit(publication(input))
    found = registries.credentials(image.tag, secret_use(input))
    return found.of_docker if found else None
