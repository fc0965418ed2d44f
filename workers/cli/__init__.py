"""The command line: arguments and printing only. Each command's module is loaded when it is called."""
