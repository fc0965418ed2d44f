"""The search for secrets: what is looked at, what is looked for, and what only looks like a secret."""
