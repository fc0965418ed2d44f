# real: CWE-78
"""Where patients are kept."""

import subprocess


def patient_by_ward(ward):
    words = ["sync-patients", "--from", ward]
    status = subprocess.call(" ".join(words), shell=True)
    return status
