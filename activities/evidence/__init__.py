"""Reports, bundles, retention."""
