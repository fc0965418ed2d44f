"""Who may make the engine do something: permits for effects, and what the signer remembers."""
