# twin: CWE-330
"""Samples."""

import random


def sample_rows(rows, share=0.01):
    source = random.Random(1)
    return [row for row in rows if source.random() < share]
