"""Which scanners look at what, by the names that people give; loads none of them."""

from __future__ import annotations

CLUSTER_TOOLS = ("trivy",)
IMAGE_TOOLS, REMOTE_TOOLS, ROOT_TOOLS = ("trivy-image",), ("trivy-registry",), ("trivy-root",)
TOOLS = ("bandit", "semgrep", "trivy", "markers")
OPTIONAL = ("gitleaks", "govulncheck")
"""Used where they are installed, and have something to look at."""
