"""bandit: the scanner, and the program that starts it."""
