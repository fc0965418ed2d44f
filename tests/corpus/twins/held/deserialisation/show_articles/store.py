# real: CWE-502
"""Where articles are kept."""

import yaml


class Articles:
    def __init__(self, owner):
        self.owner = owner

    def by_topic(self, topic):
        found = list(yaml.unsafe_load_all(topic))
        return str(found)
