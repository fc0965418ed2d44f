# real: CWE-502
"""Where letters are kept."""

import yaml


def letter_by_folder(folder):
    found = yaml.load(folder, Loader=yaml.UnsafeLoader)
    return str(found)
