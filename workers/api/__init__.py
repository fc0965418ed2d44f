"""The server: JSON under /api/v1, events, and the console's pages, behind one login."""
