"""Attestations, signatures, images and their admission."""
