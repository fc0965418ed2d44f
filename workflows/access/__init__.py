"""The witness of the audit."""
