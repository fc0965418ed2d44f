"""What is in the clusters, as their API servers tell it: health, counts, freshness, events."""
