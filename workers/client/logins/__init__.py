"""How people and machines prove to a server who they are, and what it remembers of that."""
