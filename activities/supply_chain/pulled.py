"""Images that a Docker daemon has, or pulls from a registry that a commit names."""

from __future__ import annotations

from collections.abc import Callable, Collection

from activities.docker.images import Image, Login
from activities.supply_chain.registry_access import Credentials, RegistryAccess
from domain.core.errors import RefusedError, SluicewayError
from domain.releases import registries as known

Read = Callable[[str, Login | None], Image]
"""By `never` or `missing`, and with a login: what to do with the image once it is there."""
MISSING = "SLW848"


def pulled(
    image: str,
    access: RegistryAccess,
    login: Callable[[], Credentials | None],
    read: Read,
    inside: Collection[known.Login] = (),
) -> Image:
    """What the daemon has needs neither a registry nor a login. `inside`: registries that an environment names.

    Raises:
        RefusedError: SLW848, the daemon does not have it, and its registry may not be asked.
        SluicewayError: as of `login` and of `read`.
    """
    try:
        return read("never", None)
    except SluicewayError as missing:
        if missing.code != MISSING:
            raise
    if why := access.refusal(image, inside):
        fix = "push it, or name its registry in SLUICEWAY_REGISTRIES of the worker"
        raise RefusedError(MISSING, f"the image {image[:200]} is not pulled", why=why, fix=fix)
    given = login()
    return read("missing", given.of_docker if given else None)
