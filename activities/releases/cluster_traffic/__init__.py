"""What every router of a cluster shares: the order of a change, its place in the cluster's API, and the proof of it."""
