"""How to reach each cluster of this installation, for code outside its workflow: references, no secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from activities.core.files import write_atomically
from activities.kubernetes.port import NoClusterError
from domain.access.principal import Principal
from domain.clusters.access import Access
from domain.clusters.impersonation import SETTING, Impersonated, impersonated
from domain.core.errors import RefusedError, SluicewayError

T = TypeVar("T")
NAME = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
"""It comes from definitions, and becomes a file name."""


def unknown(cluster: str) -> SluicewayError:
    """Nobody here knows it, or whoever asks may not know of it."""
    fix = "list clusters with `sluiceway cluster list`; add one with `cluster create` or `cluster register`"
    return SluicewayError("SLW952", f"unknown cluster {cluster}", fix=fix)


class AddressBook:
    """One small file for each cluster below `root`; the cluster's workflow maintains it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def remember(self, cluster: str, access: Access, *, impersonate: bool = False) -> None:
        """Writes a reference to the kubeconfig, never its content. `impersonate`: people act there as themselves."""
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        said = {**asdict(access), **({SETTING: True} if impersonate else {})}
        write_atomically(self._root / f"{cluster}.json", json.dumps(said))

    def forget(self, cluster: str) -> None:
        """Forgetting an unknown cluster is fine."""
        (self._root / f"{cluster}.json").unlink(missing_ok=True)

    def find(self, cluster: str, *, far: bool = False) -> Access:
        """The access to a cluster. `far`: also to one that only its own worker reaches, for whoever asks that.

        Raises:
            SluicewayError: SLW952, unknown cluster; SLW977, it dials out, so nobody here reaches it.
        """
        found = self._read(cluster)[0]
        if found.dials_out and not far:
            raise RefusedError("SLW977", f"cluster {cluster} dials out: nothing is done in it from here")
        return found

    def dials_out(self, cluster: str) -> bool:
        """Whether it is a cluster whose own worker dials out; an unknown one does not."""
        try:
            return self._read(cluster)[0].dials_out
        except SluicewayError:
            return False

    def person(self, cluster: str, who: Principal | None) -> Impersonated | None:
        """As whom somebody acts there. None: as the engine, since the cluster does not ask for more, or nobody but the
        engine itself acts (`who` is None).

        Raises:
            SluicewayError: SLW952, unknown cluster; SLW976, the cluster cannot be told their name.
        """
        return impersonated(who) if who is not None and self._read(cluster)[1] else None

    def _read(self, cluster: str) -> tuple[Access, bool]:
        try:
            if not NAME.match(cluster):
                raise ValueError("this is not a valid cluster name")
            said = json.loads((self._root / f"{cluster}.json").read_text())
            impersonates = said.pop(SETTING, False)
            return Access(**said), bool(impersonates)
        except (OSError, ValueError, TypeError, AttributeError) as missing:
            raise unknown(cluster) from missing

    def opened(self, access: Access, cluster: str, open: Callable[[Access, str], T]) -> T:
        """What `open` gives for the registered access: a message could name any kubeconfig, which may name a program.

        Raises:
            NoClusterError: SLW952, the cluster is not known any more, or is reached otherwise.
        """
        try:
            known = self.find(cluster, far=True)
        except SluicewayError as unknown:
            raise NoClusterError(unknown.code, unknown.what, fix=unknown.fix) from unknown
        if known != access:
            why = "a message says that it is reached otherwise than it is registered"
            raise NoClusterError("SLW952", f"unknown cluster {cluster}", why=why)
        return open(access, cluster)

    def known(self) -> list[str]:
        """Names of clusters, sorted."""
        return sorted(path.stem for path in self._root.glob("*.json"))
