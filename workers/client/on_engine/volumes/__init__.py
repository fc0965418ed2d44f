"""What people do to volume claims: `Volumes` on the engine."""
