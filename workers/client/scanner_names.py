"""Names of scanners by target; imports none of them."""

from __future__ import annotations

CLUSTER_TOOLS = ("trivy",)
IMAGE_TOOLS, REMOTE_TOOLS, ROOT_TOOLS = ("trivy-image",), ("trivy-registry",), ("trivy-root",)
TOOLS = ("bandit", "semgrep", "dataflow", "trivy", "markers", "secrets")
OPTIONAL = ("gitleaks", "govulncheck")
"""Used if installed and applicable."""
