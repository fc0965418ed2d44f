"""What the signer is told of people, environments, policies and rights, by topic."""

from __future__ import annotations

from enum import StrEnum

from domain.authority.rights import RightTopic


class Topic(StrEnum):
    """What a statement is about; `name` is the first word of each line."""

    PERSON = "person"
    """A person's `groups` and `roles` are these; a new person has no keys."""
    REMOVED = "removed"
    """A person is gone, with their keys."""
    KEY = "key"
    """A person signs with this key too."""
    LOST = "lost"
    """A person's key of this `fingerprint` counts no more."""
    ADDRESS = "address"
    """An address is that of a `person`; empty: of nobody."""
    ENVIRONMENT = "environment"
    """The `document` of an environment is this: JSON in a text, so that it keeps its fractions."""
    POLICY = "policy"
    """The `document` of a registered policy of pushes is this; an empty one: it is gone."""
    CONFIRMED = "confirmed"
    """Somebody else has made sure that the key of this `fingerprint` is the person's."""
    GRANT = RightTopic.GRANT.value
    REVOKED = RightTopic.REVOKED.value
    LABEL = RightTopic.LABEL.value
    PROJECT = RightTopic.PROJECT.value
    STEP = RightTopic.STEP.value
    INVITATION = "invitation"
    """A person may register a first key with the one-time key `public`, until `until`; `groups` and `roles` come with
    it.
    """


TOLD = frozenset({Topic.GRANT, Topic.REVOKED, Topic.LABEL, Topic.PROJECT})
"""What a server may say without a proof: it decided that. A database says nothing."""
