"""What a cluster has beside its nodes, as objects: the programs run outside of it, on the nodes' machine."""
