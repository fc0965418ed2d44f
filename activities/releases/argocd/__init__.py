"""Applications of Argo CD: asked for a sync, and waited for."""
