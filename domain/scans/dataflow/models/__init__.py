"""What is known about libraries, as tables: sources, sinks, and what cleans a value. A file per family."""
