"""The console: pages rendered by the server, on what workers/client answers. Nothing that the API lacks."""
