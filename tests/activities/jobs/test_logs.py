"""Following a log."""

from activities.jobs.logs import Follower
from activities.storage.stores.folder import FolderStore


def test_a_follower_gives_each_line_once_and_waits_for_half_ones(tmp_path):
    log = tmp_path / "log.jsonl"
    line = '{"n": %d, "t": 1, "s": 1, "o": "out", "l": "x"}\n'
    follower = Follower(tmp_path, FolderStore(tmp_path / "s"))
    log.write_text(line % 1 + (line % 2)[:10])

    assert [x.number for x in follower.new_lines()] == [1]
    log.write_text(line % 1 + line % 2)
    assert [x.number for x in follower.new_lines()] == [2]
    assert follower.new_lines() == []
