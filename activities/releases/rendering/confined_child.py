"""Gives up everything but some files, then becomes a program: no network, no other process, no file of the machine.

Started by `confined`, with its spec as JSON. A machine that cannot keep the program in is a reason not to start it.
"""

from __future__ import annotations

import json
import os
import resource
import sys

REFUSED = 97
"""Exit code: this machine cannot confine the program; why is on standard error."""
NOBODY = 65_534
PROGRAM, FILES, CPU_S = 3, 512, 120


def main() -> None:
    """Arguments: where the product lies, and the spec: program, arguments, what it may read and write, bytes."""
    root, text = sys.argv[1:3]
    spec = json.loads(text)
    sys.path.append(root)
    from activities.supervisor import kernel, landlock

    try:
        version = landlock.version()
        if not version:
            raise OSError("the kernel has no Landlock")
        program = os.open(spec["program"], os.O_RDONLY | os.O_CLOEXEC)
        own_user = 0 if os.geteuid() == 0 else kernel.NEWUSER
        kernel.unshare(own_user | kernel.NEWNET | kernel.NEWIPC)
        # as the user who can reach the paths; what is opened later is opened as nobody
        landlock.only_files([*spec["look"], spec["program"]], spec["write"], ["/dev/null", "/dev/urandom"], version)
        if not own_user:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError as missing:
        sys.stderr.write(f"{missing}\n")
        sys.stderr.flush()
        os._exit(REFUSED)
    if program != PROGRAM:
        os.dup2(program, PROGRAM, inheritable=False)
    _limit(spec["bytes"])
    os.chdir(spec["write"][0])
    os.execve(PROGRAM, [spec["name"], *spec["arguments"]], spec["env"])  # noqa: S606  (the program that it was started for)


def _limit(size: int) -> None:
    os.closerange(PROGRAM + 1, 1 << 16)
    for kind, most in (
        (resource.RLIMIT_CPU, CPU_S), (resource.RLIMIT_FSIZE, size), (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, FILES),
    ):  # fmt: skip
        resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    main()
