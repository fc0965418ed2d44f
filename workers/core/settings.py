"""Settings from environment variables: paths, addresses, limits."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import TypedDict

from domain.core.errors import UnreachableError
from domain.evidence.retention import Retention

TASK_QUEUE = "sluiceway"


class EngineAddresses(TypedDict, total=False):
    """Ports and addresses of the embedded engine; empty when there is none."""

    temporal: str
    """HOST:PORT of the server."""
    temporal_ui: str
    """URL of its UI."""
    temporal_port: int
    ui_port: int
    router_port: int
    router_api_port: int


@dataclass(frozen=True)
class Settings:
    """Paths and limits, from environment variables."""

    home: Path
    """SLUICEWAY_HOME; one engine per home."""
    tools: Path
    """SLUICEWAY_TOOLS: an environment per scanner."""
    _: KW_ONLY
    address: str = ""
    """SLUICEWAY_ADDRESS: an existing Temporal; empty: the embedded one of this home."""
    namespace: str = "default"
    database: Path | None = None
    """SLUICEWAY_TRIVY_DB: trivy's cache folder with a vulnerability database."""
    webhook: str = ""
    """SLUICEWAY_WEBHOOK: URL for notifications."""
    store_address: str = ""
    """SLUICEWAY_STORE: `s3://BUCKET/PREFIX` or a folder; empty: the home's own."""
    store_endpoint: str = ""
    """SLUICEWAY_STORE_ENDPOINT: S3 endpoint, if not Amazon's."""
    retention: Retention = Retention()
    """SLUICEWAY_KEEP_EVIDENCE, SLUICEWAY_KEEP_LOGS, SLUICEWAY_KEEP_ARTIFACTS: durations; 0: for ever."""
    cache_mb: int = 0
    """SLUICEWAY_CACHE_MB: total size of job caches; 0: 10,000."""
    slots: int = 0
    """SLUICEWAY_SLOTS: parallel jobs; 0: twenty per core."""
    cpus: float = 0
    """SLUICEWAY_CPUS: cores for jobs; 0: the machine's."""
    memory_mb: int = 0
    """SLUICEWAY_MEMORY_MB: for jobs; 0: 80 % of the machine's."""
    containers: int = 0
    """SLUICEWAY_CONTAINERS: parallel image builds; 0: eight."""
    signing: Path | None = None
    """SLUICEWAY_SIGNING_KEY: a PEM file with an elliptic-curve key; empty: the home's own."""

    built: Path = Path()
    """SLUICEWAY_GO_BIN: output folder of `make cluster-tools`."""

    @property
    def clusters(self) -> Path:
        """Folder of kubeconfigs and state of the clusters created here."""
        return self.home / "clusters"

    @property
    def addresses(self) -> Path:
        """Folder with the access to each cluster."""
        return self.home / "addresses"

    @property
    def store(self) -> Path:
        """Folder of the objects, unless `store_address` names another store."""
        return self.home / "store"

    @property
    def mirrors(self) -> Path:
        """Folder: bare clones of the repositories."""
        return self.home / "mirrors"

    @property
    def records(self) -> Path:
        """The SQLite file of the records."""
        return self.home / "records.db"

    @property
    def identities(self) -> Path:
        """Folder of the private keys that decisions are signed with."""
        return self.home / "identities"

    @property
    def signing_key(self) -> Path:
        """File of the private key of attestations: SLUICEWAY_SIGNING_KEY, else one of this home."""
        return self.signing or self.home / "keys" / "signing.pem"

    @property
    def trivy_cache(self) -> Path:
        """Where `sluiceway db` keeps its database."""
        return self.home / "trivy"

    @property
    def vulnerabilities(self) -> Path | None:
        """The database that scanners use; None: known vulnerabilities are not looked up."""
        built = self.trivy_cache if (self.trivy_cache / "db" / "trivy.db").exists() else None
        return self.database or built

    @property
    def scan_key(self) -> Path:
        """File of the HMAC key for comparing secrets without storing them."""
        return self.home / "keys" / "secrets.hmac"

    @property
    def engine_file(self) -> Path:
        """Where the engine of this home writes its ports and addresses."""
        return self.home / "engine.json"

    def engine(self) -> EngineAddresses:
        """Ports and addresses of this home's engine; empty when there is none."""
        try:
            value: EngineAddresses = json.loads(self.engine_file.read_text())
        except (OSError, ValueError):
            return {}
        return value

    def temporal_address(self) -> str:
        """The address of Temporal.

        Raises:
            UnreachableError: nothing is configured and this home has no engine.
        """
        address = self.address or self.engine().get("temporal", "")
        if not address:
            raise UnreachableError("SLW901", f"no engine runs for {self.home}", fix="sluiceway up")
        return address


TYPED = ("KEEP_EVIDENCE", "KEEP_LOGS", "KEEP_ARTIFACTS", "CACHE_MB", "SLOTS", "CPUS", "MEMORY_MB", "CONTAINERS")
"""Variables with validated values; importing their reader takes a quarter of a second."""


def load() -> Settings:
    """Settings from the current environment.

    Raises:
        DefinitionError: SLW503, a variable has an invalid value.
    """
    env = os.environ
    database, signing = env.get("SLUICEWAY_TRIVY_DB"), env.get("SLUICEWAY_SIGNING_KEY")
    plain = Settings(
        home=Path(env.get("SLUICEWAY_HOME") or Path.home() / ".local" / "share" / "sluiceway").absolute(),
        tools=Path(env.get("SLUICEWAY_TOOLS") or Path(sys.prefix) / "tools"),
        address=env.get("SLUICEWAY_ADDRESS", ""),
        namespace=env.get("SLUICEWAY_NAMESPACE", "default"),
        database=Path(database) if database else None,
        webhook=env.get("SLUICEWAY_WEBHOOK", ""),
        store_address=env.get("SLUICEWAY_STORE", ""),
        store_endpoint=env.get("SLUICEWAY_STORE_ENDPOINT", ""),
        signing=Path(signing) if signing else None,
        built=_built(),
    )
    if not any(env.get(f"SLUICEWAY_{name}") for name in TYPED):
        return plain
    from workers.core.environment import read

    typed = read()
    return replace(
        plain,
        retention=Retention(typed.keep_evidence, typed.keep_logs, typed.keep_artifacts),
        cache_mb=typed.cache_mb,
        slots=typed.slots,
        cpus=typed.cpus,
        memory_mb=typed.memory_mb,
        containers=typed.containers,
    )


def current() -> Settings:
    """The cached settings; commands read them when needed."""
    return load()


def _built() -> Path:
    """The path used by deploy/cluster-tools."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("SLUICEWAY_GO_BIN") or cache / "sluiceway" / "go")
