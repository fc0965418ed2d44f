"""Routes of the API by feature: decode, call the client, encode."""
