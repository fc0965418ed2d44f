"""One file per scanner; registry.py names them. Facts on exit codes and traps stand where they bite."""
