"""What scanners of code look at: every piece of code as a plain file, and the way back."""
