"""Image admission: resolves an image to its digest, and checks the environment's requirements."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from temporalio import activity

from activities.core.cancellation import CancellationToken, run_blocking
from activities.core.errors import as_failure
from activities.docker import images
from activities.supply_chain import port, tags
from activities.supply_chain.attestations import Attestor, opened
from activities.supply_chain.oci_registry import Registry
from activities.supply_chain.port import Admitted, ImageQuestion
from activities.supply_chain.pulled import pulled
from activities.supply_chain.registry_access import Credentials, RegistryAccess
from domain.core import ids
from domain.core.documents import Node, Object
from domain.core.errors import RefusedError, SluicewayError
from domain.releases import image_name
from domain.releases.registries import Login
from domain.supply_chain import attestation
from domain.supply_chain import image_policy as supply
from domain.supply_chain.image_policy import Attestations, ImageRule
from domain.supply_chain.origin import Origin
from domain.triggers.repository_name import repository_name


def said_of(attestor: Attestor, digests: Mapping[str, str]) -> Attestations:
    """Signed statements about an image, under any of its digests.

    Raises:
        SluicewayError: the store is away.
    """
    predicates: dict[str, Object] = {}
    missing: dict[str, str] = {}
    for kind in attestation.KINDS:
        for digest in digests.values():
            try:
                statement = attestor.statement(kind, digest)
            except ValueError as wrong:
                missing.setdefault(kind, str(wrong))
                continue
            if complaint := attestation.complaint(statement, kind, digest, {}):
                missing[kind] = complaint
            elif _newer(said := Node(statement).need_object("predicate"), predicates.get(kind)):
                predicates[kind] = said
    return Attestations(predicates, missing)


def said_in_registry(reference: str, public_key: bytes) -> Attestations:
    """Statements signed with the key, from the image's registry: for machines without the records.

    Raises:
        SluicewayError: SLW838, the registry does not answer.
    """
    digest = reference.rpartition("sha256:")[2]
    predicates: dict[str, Object] = {}
    for envelope in Registry(reference).statements():
        with suppress(ValueError):  # somebody else's, or not a statement: it does not count
            statement = opened(envelope, [public_key])
            kind = Node(statement)["predicateType"].text()
            if kind not in attestation.KINDS or attestation.complaint(statement, kind, digest, {}):
                continue
            said = Node(statement).need_object("predicate")
            if _newer(said, predicates.get(kind)):
                predicates[kind] = said
    return Attestations(predicates, dict.fromkeys(attestation.KINDS, "the registry has nothing signed by this key"))


def _newer(one: Object, other: Object | None) -> bool:
    return other is None or Node(one)["made_at"].number() > Node(other)["made_at"].number()


@dataclass
class ImageAdmissionActivities(port.ImageAdmissionActivities):
    """Resolves an image's digest, and judges by this installation's signed statements."""

    rule_of: Callable[[str], ImageRule]
    """A registered environment's requirements."""
    attestor: Attestor
    earlier: Callable[[str, str], Mapping[str, str]] = lambda run, job: {}
    """What attempts before this one of a run's job have admitted: a name to its reference."""
    resolve: Callable[[str, Collection[str], Credentials | None], str] = tags.resolved
    """A tag's reference by digest, from its registry; with the registries that may be inside, and a login."""
    registries: RegistryAccess = RegistryAccess()

    @activity.defn(name="admit-image")
    async def admit(self, question: ImageQuestion) -> Admitted:
        """A refusal is a result; ApplicationError: the image or its statements cannot be read."""
        token = CancellationToken()
        try:
            return await run_blocking(partial(self._admitted, question, token), token)
        except SluicewayError as broken:
            raise as_failure(broken) from broken

    def _admitted(self, question: ImageQuestion, token: CancellationToken) -> Admitted:
        rule = self.rule_of(question.environment)
        try:
            found = self._found(question, rule, token)
        except RefusedError as refused:
            told = f"{refused.what}: {refused.why}; {refused.advice}"
            return Admitted(question.image, f"{question.environment} does not admit it: {told}")
        digests = {name: digest for name, digest in found.digests.items() if digest}  # a tag as written has none
        said = said_of(self.attestor, digests) if rule.demands else Attestations()
        why = supply.refusals(rule, said, time.time(), _deploying(question))
        refusal = f"{question.environment} does not admit {question.image}: {'; '.join(why)}" if why else ""
        return Admitted(found.references[0] if found.references else found.id, refusal)

    def _found(self, question: ImageQuestion, rule: ImageRule, token: CancellationToken) -> images.Image:
        """By the daemon that runs it; or, for the nodes of a cluster, what the name means when it is admitted.

        Raises:
            SluicewayError: neither can say it; RefusedError: and will not.
        """
        if question.daemon:
            return pulled(
                *(question.image, self.registries, lambda: self.registries.credentials(question.image, question.use)),
                lambda pull, login: images.known(question.image, pull, token.report, login),
                [Login(registry=one) for one in rule.registries],
            )
        if rule.as_written:
            return images.Image("", (question.image,))
        before = self.earlier(question.run, question.job).get(question.image, "") if question.job else ""
        if image_name.pins(question.image, before):  # a rerun is of what ran: the tag may have moved since
            return images.Image("", (before,))
        logins = self.registries.of_environment(question.environment)
        inside = (*rule.registries, *(one.registry for one in (*logins, *self.registries.own)))
        login = self.registries.credentials(question.image, question.use, logins)
        return images.Image("", (self.resolve(question.image, inside, login),))


def _deploying(question: ImageQuestion) -> Origin:
    """Closed for a question of an earlier version: no repository and no pipeline are its own."""
    pipeline = ids.split_run(question.run)[0] if question.run else ""
    return Origin(repository=repository_name(question.repo), pipeline=pipeline)
