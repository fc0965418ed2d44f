# real: CWE-502
"""Where pumps are kept."""

import io
import pickle


class Pumps:
    def __init__(self, owner):
        self.owner = owner

    def by_site(self, site):
        reader = pickle.Unpickler(io.BytesIO(bytes.fromhex(site)))
        found = reader.load()
        return str(found)
