"""The lifecycle of one volume claim."""
