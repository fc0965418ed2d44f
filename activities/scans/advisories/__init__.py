"""The database of known vulnerabilities: made from exports, so that a place without a network has one too."""
