# twin: CWE-330
"""Retries."""

import random
import time


def wait(attempt):
    delay = min(30, 2**attempt) * random.uniform(0.5, 1.5)
    time.sleep(delay)
    return delay
