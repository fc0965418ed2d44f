"""Exec sessions on the engine: opened, watched over and recorded."""
