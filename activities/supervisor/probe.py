"""Tries what isolates jobs on this machine, in a folder with `spec.json`; says what works as JSON on its output.

The spec is a `JailSpec` of the strongest level, with the user of the steps.
"""

from __future__ import annotations

import os
import sys

from activities.supervisor import fast_json as quick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from domain.jobs.isolation import JailSpec


def main(folder: str) -> None:
    jail: JailSpec = quick.read(f"{folder}/spec.json")
    try:
        from activities.supervisor import landlock
    except (ImportError, OSError) as broken:
        sys.stdout.write(quick.dumps({"sandbox": str(broken), "uid": 0, "landlock": 0}))
        return
    why, uid = _tried(jail), jail["uid"]
    if why and uid:
        why, uid = _tried({**jail, "uid": 0}), 0
    sys.stdout.write(quick.dumps({"sandbox": why, "uid": uid, "landlock": landlock.version()}))


def _tried(jail: JailSpec) -> str:
    """Why no job can run in it; empty: it can. In a process of its own, which it changes for good."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            said = _run(jail)
        except OSError as broken:
            said = str(broken.strerror or broken)
        except BaseException as broken:
            said = repr(broken)
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    said = b"".join(iter(lambda: os.read(read, 4_096), b"")).decode("utf-8", "replace")
    os.close(read)
    os.waitpid(child, 0)
    return said


def _run(jail: JailSpec) -> str:
    from activities.supervisor.place import Sandbox

    place = Sandbox(jail)
    null = os.open(os.devnull, os.O_RDWR)
    child = place.start(["/bin/sh", "-c", ": > tried"], {}, (null, null, null), jail["writable"][0][1])
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    place.kill(0)
    return "" if code == 0 else f"a step in it ended with {code}"
