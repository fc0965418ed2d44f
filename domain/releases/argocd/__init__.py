"""Beside Argo CD: what is asked of an Application, and what its status says."""
