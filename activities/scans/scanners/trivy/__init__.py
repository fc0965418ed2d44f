"""trivy: folders, images, registries, root file systems."""
