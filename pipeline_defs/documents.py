"""Every kind of document, by the word that it says itself to be."""

from __future__ import annotations

from pipeline_defs.clusters.model import Cluster, ClusterTemplate
from pipeline_defs.pipelines.model import Component, Document, Environment, Pipeline
from pipeline_defs.scans.suppression_model import Suppressions
from pipeline_defs.simulation.model import PipelineTest

KINDS: dict[str, type[Document]] = {
    "Pipeline": Pipeline,
    "Component": Component,
    "Environment": Environment,
    "PipelineTest": PipelineTest,
    "Suppressions": Suppressions,
    "Cluster": Cluster,
    "ClusterTemplate": ClusterTemplate,
}
