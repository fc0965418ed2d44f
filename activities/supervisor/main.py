"""`python -I -S main.py job|service|probe FOLDER`, or `… forks`, with a socket as standard input (see forks.py)."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def main() -> None:
    mode, folder = sys.argv[1:3]
    if mode == "probe":
        from activities.supervisor import probe

        probe.main(folder)
    elif mode == "forks":
        from activities.supervisor import forks

        forks.serve()
    else:
        from activities.supervisor import begin

        begin.begin(mode, folder)


main()
