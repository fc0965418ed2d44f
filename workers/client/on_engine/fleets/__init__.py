"""What is in the clusters: `Fleets` on the rows of the inventory."""
