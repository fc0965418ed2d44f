"""Maps, networks, storage and room, on the ports of the fleet and of releases: near and far alike."""
