"""A scan's report in the formats that other tools read; one file each, registry.py names them."""
