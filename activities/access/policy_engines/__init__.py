"""What evaluates policies: Cedar, and an engine of our own that must agree with it."""
