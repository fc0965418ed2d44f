"""Opens the signer of a home: its keys, its log, what is registered, and what it finds at an upgrade."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path

from activities.access import identities
from activities.access.addresses import Addresses
from activities.access.environments import Environments
from activities.access.key_proofs import is_proven
from activities.access.people import ChangeReader
from activities.access.policies import PolicyStore
from activities.access.registrar import policies_taken_over, taken_over
from activities.access.remembered import RememberedDefinitions, RememberedPeople
from activities.access.told_rights import differences, rights_taken_over
from activities.authority import log_parts
from activities.authority.authority import Authority
from activities.authority.log import FileLog
from activities.authority.waiting import WaitingFile
from activities.kubernetes.kubeconfigs import AddressBook
from activities.releases.windows import offset
from activities.runs.live_commits import LiveCommits
from activities.source.mirrors import Mirrors
from activities.storage.database import Database
from domain.access.checkpoint import origin_of
from domain.access.keys import KeyProof, PersonKey
from domain.access.verdict import Verdict
from domain.approvals.request import ChangeAuthors, Decision, EnvironmentRule, VerifiedIdentity
from domain.authority.initiators import EffectQuestion
from domain.authority.registrations import By, Register
from domain.core.documents import Manifest, Node, Object
from domain.releases.windows import Calendar, standing
from domain.supply_chain.image_policy import Attestations, ImageRule
from workers.core.records import Records
from workers.core.settings import Settings
from workers.signer.keys import FileKeys
from workers.signer.rights import RunRights
from workers.signer.statements import SignedStatements
from workers.signer.token_keys import TokenKeys

READ_CHANGES = 200
"""Changes whose people are kept in memory."""
_OPEN_RUNS = "select * from pipeline_runs where ended_at is null"
_RELEASES = "select id, service, environment, number, run, result from releases order by environment, number"
_RUN = "select * from pipeline_runs where id = :run"
_SIGNED = "select 1 from attestations limit 1"


class Registered:
    """People and environments as the signer remembers them; commits as they are."""

    def __init__(
        self,
        register: Register,
        records: Records,
        mirrors: Mirrors,
        attestations: bytes = b"",
        *,
        open_environments: bool = False,
        home: str = "",
    ) -> None:
        """`home`: of this installation, in all that people sign for it. `register`: of the ledger. `records`: say only
        what is live, and which statements are the latest. `attestations`: PEM of the key that statements count by.
        """
        self._register, self._database, self._home = register, records.database, home
        self._statements = SignedStatements(records.attestations, attestations)
        definitions = RememberedDefinitions(register)
        self._environments = Environments(definitions, open_environments)
        self._addresses = Addresses(definitions, RememberedPeople(register))
        self._rights = RunRights(
            records.database, records.audit, policies=PolicyStore(definitions).of, known=register.rights
        )
        self._live = LiveCommits(records.runs, records.releases)
        self._changes = ChangeReader(mirrors, self._environments, self._live)
        self._read: OrderedDict[tuple[ChangeAuthors, str, tuple[str, ...]], ChangeAuthors] = OrderedDict()

    def prover(self, keys: Iterable[tuple[By, PersonKey]], proof: KeyProof, text: bytes) -> By | None:
        """Verifies the signature itself."""
        return next((by for by, key in keys if is_proven(key, proof, text)), None)

    def identity(self, decision: Decision) -> VerifiedIdentity:
        """Verifies the signature itself."""
        found = identities.verified(decision, self._register.people.get(decision.approver))
        return replace(found, addresses=self._addresses.of(decision.approver)) if found.known else found

    def authors(self, said: ChangeAuthors, environment: str) -> ChangeAuthors:
        """Reads the commits itself; again only when something else is live."""
        if said.change is None:
            return said
        key = (said, environment, tuple(self._live(environment, said.change.repo)) if environment else ())
        if key not in self._read:
            found = self._changes.read(said, environment)
            if found.unknown:
                return found
            self._read[key] = found
            while len(self._read) > READ_CHANGES:
                self._read.popitem(last=False)
        return self._read[key]

    def unowned(self, addresses: Collection[str]) -> tuple[str, ...]:
        """By the addresses that are registered now."""
        return self._addresses.unowned(addresses)

    def differences(self) -> tuple[str, ...]:
        """Between the database of now and what was told."""
        return differences(self._database, self._register.rights, time.time())

    def images(self, environment: str) -> ImageRule:
        """As it is registered now."""
        return self._environments.get(environment).images

    def statements(self, image: str, blob: Callable[[str], str]) -> Attestations:
        """By the signer's own key; which one is the latest, the records say."""
        return self._statements.of(image, blob)

    def closed(self, environment: str, calendar: Calendar, now: float) -> str:
        """By the clocks of the installed IANA database, as workers read it."""
        found = standing([self._environments.get(environment).calendar, calendar], now, offset)
        return "" if found.open else found.why

    def verdict(self, asked: EffectQuestion) -> Verdict | None:
        """Reads the rights of now."""
        return self._rights.verdict(asked)

    def groups(self, person: str) -> tuple[str, ...]:
        """Reads those of now."""
        return self._rights.groups(person)

    def rule(self, environment: str) -> EnvironmentRule:
        """The rule as it is registered now."""
        return replace(self._environments.get(environment).approval, home=self._home)

    def every_rule(self) -> list[EnvironmentRule]:
        """As they are registered now."""
        return [self.rule(name) for name in self._environments.names()]


def open_authority(settings: Settings, records: Records) -> Authority:
    """The authority of a home.

    Raises:
        SluicewayError: SLW017, a key is gone; SLW018, the log is damaged; SLW880, a key cannot be used.
    """
    log = settings.signer_log
    new = log_parts.is_new(log)
    kept = _moved(settings)
    fresh = new and not (kept is None and _has_signed(records.database) and settings.signing is None)
    keys = (
        TokenKeys(settings.signer, settings.signer_keys)
        if settings.signer_keys
        else FileKeys(settings.signer, settings.signing_key, fresh=fresh)
    )
    register = Register()
    registry = Registered(
        register,
        records,
        Mirrors(settings.mirrors),
        keys.attestations.public_key(),
        open_environments=settings.open_environments,
        home=origin_of(keys.public()),
    )
    return Authority(
        FileLog(log),
        keys,
        registry,
        upgrade=lambda: _before(settings, records),
        register=register,
        waiting=WaitingFile(settings.signer_waiting),
    )


def _before(settings: Settings, records: Records) -> Manifest:
    """All that this home had before its signer kept it in the log."""
    people = [one.plain() for one in taken_over(records.identities, records.definitions)]
    clusters = AddressBook(settings.addresses).known()
    rights = [one.plain() for one in rights_taken_over(records.database, time.time())]
    policies = [one.plain() for one in policies_taken_over(records.definitions)]
    return {
        **found(records.database),
        "clusters": clusters,
        "registrations": people,
        "policies": policies,
        "rights": rights,
    }


def _moved(settings: Settings) -> Path | None:
    """Takes the key of attestations over from where earlier versions kept it; None: there is none yet."""
    here, before = settings.signing_key, settings.home / "keys" / "signing.pem"
    if settings.signing is None and before.exists() and not here.exists():
        here.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        before.rename(here)
        here.chmod(0o600)
    return here if here.exists() else None


def _has_signed(database: Database) -> bool:
    return bool(database.rows(_SIGNED))


def found(database: Database) -> Manifest:
    """What was under way or live when this home got its signer: it goes on, and the list never grows."""
    releases = [Node(row) for row in database.rows(_RELEASES)]
    deployed: Manifest = {}
    versions: dict[str, str] = {}
    for row in releases:
        here, run = f"{row['environment'].text()}/{row['service'].text()}", row["run"].text()
        version = _version(row["result"].text())
        run = run if run.startswith("run/") else versions.get(f"{here} {version}", "")
        if run:
            versions[f"{here} {version}"] = run
            deployed[f"{here}/r{row['number'].whole()}"] = run
    names = sorted({str(run) for run in deployed.values()})
    past = [row for name in names for row in database.rows(_RUN, run=name)]
    return {
        "runs": [_run(row) for row in database.rows(_OPEN_RUNS) if row["plan"]],
        "past": [_run(row) for row in past],
        "deployed": deployed,
    }


def _version(result: str) -> str:
    try:
        return Node(json.loads(result or "{}"))["version"].text()
    except ValueError:
        return ""


def _run(row: Object) -> Manifest:
    said = Node(row)
    event, source = Node(json.loads(said["event"].text())), Node(json.loads(said["source"].text()))
    people = {"author": event["author"], "committer": event["committer"], "starter": event["actor"]}
    return {
        "run": said["id"].text(),
        "pipeline": said["pipeline"].text(),
        "plan": said["plan"].text(),
        "commit": event["commit"].text(),
        "repo": event["repo"].text(),
        "source_repo": source["repo"].text(),
        "source_commit": source["commit"].text(),
        "people": {name: one.text() for name, one in people.items()},
    }
