"""The ports of a client on the engine and its records: every verb asks the guard first."""
