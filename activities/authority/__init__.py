"""Permits of the signer: its port, its client, and the authority itself."""
