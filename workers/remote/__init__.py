"""An engine far away, over HTTP: the Protocols of workers/client/ports. Loads neither Temporal nor the database."""
