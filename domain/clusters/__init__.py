"""What is decided about clusters and pods: their plan, their phases, what is wrong with them, what heals them."""
