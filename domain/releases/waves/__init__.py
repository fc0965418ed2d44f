"""One release over many clusters: which wave each cluster is in, and when it may begin or must go back."""
