"""Run by bandit.py with bandit's own Python, as `python -I program.py --ignore-nosec ARGUMENT...`.

For each check of each node it asks whether a `nosec` stands on one of the node's lines, also when it is told to ignore
them and so knows of none. That is a fifth of its time, for an answer that is always no.
"""

from __future__ import annotations

from importlib import import_module


def _none(*of: object, **more: object) -> None:
    """No marker, as bandit says it."""


def main() -> None:
    """Exits as bandit does. Another version of it that asks elsewhere takes longer, and says the same."""
    import_module("bandit.core.tester").BanditTester._get_nosecs_from_contexts = _none
    import_module("bandit.cli.main").main()


if __name__ == "__main__":
    main()
