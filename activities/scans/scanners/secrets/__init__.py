"""The search for secrets in every byte of every file: files, archives, rules, and the process that searches."""
