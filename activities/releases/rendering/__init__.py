"""What a release's objects are rendered from: an image, manifests, a kustomization, a chart."""
