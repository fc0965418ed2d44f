"""Our own analysis of Python: the scanner, and the program that it runs."""
