"""Rights on the engine: grants, labels, policies, and why something is allowed or not."""
