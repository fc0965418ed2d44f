"""One watch of everything in a cluster, for as long as it is known."""
