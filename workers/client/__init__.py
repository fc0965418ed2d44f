"""One function per verb, used by every front end."""
