"""How the script of a step is started: as an argument of its shell, or by a file if it is too long for one."""

from __future__ import annotations

MAX_ARGUMENT_BYTES = 100_000
"""The kernel takes 131,071 bytes in one argument (MAX_ARG_STRLEN)."""
FOLDER = "tmp"
"""Of the job's folder: where such a file is."""
SHELLS = {"sh": ["/bin/sh", "-e", "-c"], "bash": ["bash", "-eo", "pipefail", "-c"], "python": ["python3", "-c"]}
_FROM_FILE = "import sys; exec(compile(open(sys.argv.pop(1), encoding='utf-8').read(), '<string>', 'exec'))"
FILE_SHELLS = {"sh": ["/bin/sh", "-e"], "bash": ["bash", "-eo", "pipefail"], "python": ["python3", "-c", _FROM_FILE]}
"""As above, with a file's path as the next argument. Python still imports from its working directory."""


def file_name(script: str) -> str:
    """The name of the file that a script goes by; empty: it is an argument."""
    data = script.encode("utf-8", "replace")
    if len(data) <= MAX_ARGUMENT_BYTES:
        return ""
    import hashlib  # a supervisor that has no such script starts sooner without it

    return f"script-{hashlib.sha256(data).hexdigest()[:16]}"


def command(shell: str, script: str, folder: str) -> list[str]:
    """The command of a step. `folder`: where its file is, as the command sees it, if it goes by one."""
    name = file_name(script)
    return [*FILE_SHELLS[shell], f"{folder}/{name}"] if name else [*SHELLS[shell], script]
