"""What a real cluster on this machine has beside its nodes, each a plain process like those of the control plane."""
