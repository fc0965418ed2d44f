"""Where the values of secrets lie: one file per kind of store."""
