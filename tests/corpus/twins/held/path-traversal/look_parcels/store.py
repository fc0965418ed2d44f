# twin: CWE-22
"""Where parcels are kept."""

import os
import shutil

ROOT = "/srv/parcels/"


class Parcels:
    def __init__(self, owner):
        self.owner = owner

    def by_code(self, code):
        if code in os.listdir(ROOT):
            shutil.rmtree(ROOT + os.path.basename(code))
        body = "gone"
        return body
