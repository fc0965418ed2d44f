"""All side effects: a port and an activity class per concern, one file per vendor. Decides nothing."""
