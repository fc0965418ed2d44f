# real: CWE-78
"""Where parcels are kept."""

import subprocess


class Parcels:
    def __init__(self, owner):
        self.owner = owner

    def by_code(self, code):
        done = subprocess.run(f"print-parcel --code {code}", shell=True, capture_output=True, check=False)
        status = done.returncode
        return status
