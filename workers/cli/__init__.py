"""The command line: arguments and printing only. A command's module is loaded when it is called."""
