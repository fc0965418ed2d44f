"""Settings from environment variables: paths, addresses, limits."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, TypeVar

from domain.core.errors import DefinitionError, UnreachableError
from domain.evidence.retention import Retention
from domain.jobs.isolation import AUTO, DISK_MB, Level, Network

if TYPE_CHECKING:
    from domain.jobs.agent import AgentPlace

TASK_QUEUE = "sluiceway"
Word = TypeVar("Word", Level, Network)


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
    server_port: int
    server: str
    """URL of the console and the API."""


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
    records_url: str = ""
    """SLUICEWAY_DATABASE: `postgresql://…` with the records of all servers and workers; empty: a file of this home."""
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
    isolation: Level = Level.PROCESS
    """SLUICEWAY_ISOLATION: the least level of process jobs; auto: none, the best that works is taken anyway."""
    isolation_most: Level = Level.SANDBOX
    """SLUICEWAY_ISOLATION_MOST: the strongest level that is used."""
    job_network: Network = Network.OPEN
    """SLUICEWAY_JOB_NETWORK: what jobs reach."""
    job_hosts: frozenset[str] | None = None
    """SLUICEWAY_JOB_HOSTS, separated by commas: what the proxy of `proxy` lets through."""
    job_addresses: tuple[str, ...] = ()
    """SLUICEWAY_JOB_ADDRESSES, separated by commas: ranges that are not public, which hosts may have all the same."""
    job_disk_mb: int = DISK_MB
    """SLUICEWAY_JOB_DISK_MB: of the disk for each process job; 0: no limit."""
    job_paths: tuple[str, ...] = ()
    """SLUICEWAY_JOB_PATHS, separated by colons: what process jobs may read although it lies in a hidden folder."""
    signing: Path | None = None
    """SLUICEWAY_SIGNING_KEY: a PEM file with an elliptic-curve key; empty: the home's own."""
    signer_keys: str = ""
    """SLUICEWAY_SIGNER_KEYS: a token (PKCS#11) with the signer's keys, as in docs/authority.md; empty: files."""
    own_keys: Path | None = None
    """SLUICEWAY_KEYS: folder of this person's private keys; empty: `sluiceway/keys` in XDG_CONFIG_HOME."""
    open_environments: bool = False
    """SLUICEWAY_OPEN_ENVIRONMENTS=yes: deployments and approvals need no registered environment."""

    serves: bool = True
    """SLUICEWAY_SERVE=no: `up` starts no server for people."""
    secret_store: str = ""
    """SLUICEWAY_SECRETS: where the values of secrets lie, as in docs/secrets.md; empty: in files of this home."""
    registries: str = ""
    """SLUICEWAY_REGISTRIES: those that images are pushed to and pulled from, as in docs/supply-chain.md."""
    agents: AgentPlace | None = None
    """SLUICEWAY_AGENT_ADDRESS, SLUICEWAY_AGENT_IMAGE: the job endpoint as pods reach it; None: they have no agents."""
    agent_listen: str = ""
    """SLUICEWAY_AGENT_LISTEN: the address that the job endpoint listens on; empty: the one that pods reach."""
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
        """The SQLite file of the records, unless `records_url` names a server."""
        return self.home / "records.db"

    @property
    def records_place(self) -> Path | str:
        """Where the records are: a file, or the URL of a database."""
        return self.records_url or self.records

    @property
    def has_records(self) -> bool:
        """Whether there may be any."""
        return bool(self.records_url) or self.records.exists()

    @property
    def identities(self) -> Path:
        """Folder where earlier versions kept the private keys of people, beside the engine."""
        return self.home / "identities"

    @property
    def keys(self) -> Path:
        """Folder of the private keys that this person signs decisions with."""
        return self.own_keys or Path.home() / ".config" / "sluiceway" / "keys"

    @property
    def signer(self) -> Path:
        """Folder of the signer: its keys, its log and its socket."""
        return self.home / "signer"

    @property
    def signer_log(self) -> Path:
        """What the signer has signed and refused, a line each; full parts lie beside it."""
        return self.signer / "log.jsonl"

    @property
    def signer_socket(self) -> Path:
        """Where the signer answers."""
        return self.signer / "socket"

    @property
    def signer_server_socket(self) -> Path:
        """Where the signer answers a server of pages, which it believes nothing."""
        return self.signer / "server.socket"

    @property
    def signer_waiting(self) -> Path:
        """What was said to the signer by hand while it did not answer."""
        return self.signer / "waiting.jsonl"

    @property
    def signing_key(self) -> Path:
        """File of the private key of attestations: SLUICEWAY_SIGNING_KEY, else the signer's own."""
        return self.signing or self.signer / "attestations.pem"

    @property
    def secrets(self) -> Path:
        """Folder of the secrets that `sluiceway secret set` keeps, and of the rules for all secrets."""
        return self.home / "secrets"

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


TYPED = (
    *("KEEP_EVIDENCE", "KEEP_LOGS", "KEEP_ARTIFACTS", "CACHE_MB", "SLOTS"),
    *("CPUS", "MEMORY_MB", "CONTAINERS", "JOB_DISK_MB"),
)
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
        records_url=_records_url(env.get("SLUICEWAY_DATABASE", "")),
        webhook=env.get("SLUICEWAY_WEBHOOK", ""),
        store_address=env.get("SLUICEWAY_STORE", ""),
        store_endpoint=env.get("SLUICEWAY_STORE_ENDPOINT", ""),
        signing=Path(signing) if signing else None,
        signer_keys=env.get("SLUICEWAY_SIGNER_KEYS", ""),
        own_keys=_own_keys(env),
        open_environments=env.get("SLUICEWAY_OPEN_ENVIRONMENTS") == "yes",
        serves=env.get("SLUICEWAY_SERVE") != "no",
        secret_store=env.get("SLUICEWAY_SECRETS", ""),
        registries=env.get("SLUICEWAY_REGISTRIES", ""),
        agents=_agents(env),
        agent_listen=env.get("SLUICEWAY_AGENT_LISTEN", ""),
        built=_built(),
        isolation=Level.PROCESS if env.get("SLUICEWAY_ISOLATION") in (None, "", AUTO) else _chosen(Level, "ISOLATION"),
        isolation_most=_chosen(Level, "ISOLATION_MOST") if env.get("SLUICEWAY_ISOLATION_MOST") else Level.SANDBOX,
        job_paths=tuple(filter(os.path.isabs, env.get("SLUICEWAY_JOB_PATHS", "").split(":"))),
        job_network=_chosen(Network, "JOB_NETWORK") if env.get("SLUICEWAY_JOB_NETWORK") else Network.OPEN,
        job_hosts=frozenset(_listed("HOSTS")) if env.get("SLUICEWAY_JOB_HOSTS") else None,
        job_addresses=_listed("ADDRESSES"),
    )
    if not any(env.get(f"SLUICEWAY_{name}") for name in TYPED):
        return plain
    from workers.core.environment import read

    typed = read()
    return replace(
        plain,
        retention=Retention(typed.keep_evidence, typed.keep_logs, typed.keep_artifacts),
        cache_mb=typed.cache_mb,
        job_disk_mb=typed.job_disk_mb,
        slots=typed.slots,
        cpus=typed.cpus,
        memory_mb=typed.memory_mb,
        containers=typed.containers,
    )


def _records_url(given: str) -> str:
    if not given:
        return ""
    scheme, separator, rest = given.partition("://")
    if scheme not in ("postgresql", "postgres", "postgresql+psycopg") or not separator:
        raise DefinitionError(
            "SLW503", "SLUICEWAY_DATABASE is no address of PostgreSQL", fix="postgresql://USER@HOST/NAME"
        )
    return f"postgresql+psycopg://{rest}"


def _agents(env: Mapping[str, str]) -> AgentPlace | None:
    if not env.get("SLUICEWAY_AGENT_ADDRESS"):
        return None
    from workers.core.agents import agents_of

    return agents_of(env)


def _own_keys(env: Mapping[str, str]) -> Path | None:
    if given := env.get("SLUICEWAY_KEYS"):
        return Path(given).absolute()
    config = env.get("XDG_CONFIG_HOME")
    return Path(config).absolute() / "sluiceway" / "keys" if config else None


def _listed(name: str) -> tuple[str, ...]:
    found = [one.strip() for one in os.environ.get(f"SLUICEWAY_JOB_{name}", "").split(",")]
    for one in filter(None, found):
        from domain.jobs.egress import host_of, range_of

        try:
            host_of(one) if name == "HOSTS" else range_of(one)
        except ValueError as wrong:
            raise DefinitionError("SLW503", f"SLUICEWAY_JOB_{name} has '{one}'", why=str(wrong)) from None
    return tuple(filter(None, found))


def _chosen(kind: type[Word], name: str) -> Word:
    value = os.environ[f"SLUICEWAY_{name}"]
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(kind)
        raise DefinitionError("SLW503", f"SLUICEWAY_{name} is '{value}'", fix=f"use one of: {known}") from None


def current() -> Settings:
    """The cached settings; commands read them when needed."""
    return load()


def _built() -> Path:
    """The path used by deploy/cluster-tools."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("SLUICEWAY_GO_BIN") or cache / "sluiceway" / "go")
