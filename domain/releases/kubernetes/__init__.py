"""What a release is in a cluster: where it goes, what it is made of, and the objects that it becomes."""
