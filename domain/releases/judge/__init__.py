"""Whether a version is worse than the one beside it: valid however often one looks, whatever both have in common."""
