"""Every kind of document, by the word that it says itself to be."""

from __future__ import annotations

from pipeline_defs.case_model import PipelineTest
from pipeline_defs.cluster_model import Cluster, ClusterTemplate
from pipeline_defs.model import Component, Document, Environment, Pipeline
from pipeline_defs.suppression_model import Suppressions

KINDS: dict[str, type[Document]] = {
    "Pipeline": Pipeline,
    "Component": Component,
    "Environment": Environment,
    "PipelineTest": PipelineTest,
    "Suppressions": Suppressions,
    "Cluster": Cluster,
    "ClusterTemplate": ClusterTemplate,
}
