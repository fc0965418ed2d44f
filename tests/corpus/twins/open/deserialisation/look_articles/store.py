# twin: CWE-502
"""Where articles are kept."""

import base64
import pickle


class Articles:
    def __init__(self, owner):
        self.owner = owner

    def by_topic(self, topic):
        found = pickle.loads(base64.b64decode(topic))
        return str(found)
