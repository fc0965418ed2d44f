# real: CWE-78
"""Where photos are kept."""

import subprocess


def photo_by_album(album):
    child = subprocess.Popen(["sh", "-c", "export-photos " + album])
    status = child.wait()
    return status
