"""What a process has loaded is not looked through again while it answers."""

import gc

from workers.core import heap


def test_what_is_there_when_a_process_settles_is_left_to_it():
    before = gc.get_freeze_count()
    try:
        heap.settle()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
