"""The search attributes, budgeted in one place: the SQL visibility store has ten of type Keyword."""

from __future__ import annotations

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

PIPELINE = SearchAttributeKey.for_keyword("pipeline")
SERVICE = SearchAttributeKey.for_keyword("service")
ENVIRONMENT = SearchAttributeKey.for_keyword("environment")
CLUSTER = SearchAttributeKey.for_keyword("cluster")
COMMIT = SearchAttributeKey.for_keyword("commit")
DIGEST = SearchAttributeKey.for_keyword("digest")
STATUS = SearchAttributeKey.for_keyword("status")
STAGE = SearchAttributeKey.for_keyword("stage")
WAITING_FOR = SearchAttributeKey.for_keyword("waiting_for")
NAMESPACE = SearchAttributeKey.for_keyword("namespace")

ALL = (PIPELINE, SERVICE, ENVIRONMENT, CLUSTER, COMMIT, DIGEST, STATUS, STAGE, WAITING_FOR, NAMESPACE)


def typed(**values: str) -> TypedSearchAttributes:
    """`typed(pipeline="web", status="running")`; empty values are left out."""
    by_name = {key.name: key for key in ALL}
    return TypedSearchAttributes([SearchAttributePair(by_name[name], value) for name, value in values.items() if value])
