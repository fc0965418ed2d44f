"""The lifecycle of one pod."""
