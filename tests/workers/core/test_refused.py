"""What was refused is counted once, whichever process refused it."""

from pathlib import Path

from workers.core.refused import Refusals, Refused, read


def test_processes_add_to_one_count_and_the_last_is_told(tmp_path: Path):
    one, other = Refusals(tmp_path), Refusals(tmp_path)
    one.tell("signal", "lock", "environment/web", "it has no seal", "7@mallory")
    one.tell("signal", "lock", "environment/web", "it has no seal", "7@mallory")
    other.ended("Nothing", "x", "there is no workflow Nothing", "")
    assert one.flush() is not None
    assert other.flush() is not None
    found = read(tmp_path)
    assert (found.messages, found.executions, found.workflow_id) == (2, 1, "x")
    assert found.since <= found.at
    assert "2 messages refused and 1 execution ended" in str(found)


def test_a_flush_without_news_writes_nothing(tmp_path: Path):
    refusals = Refusals(tmp_path)
    assert refusals.flush() is None
    assert read(tmp_path) == Refused()


def test_the_sender_is_named_where_the_history_tells(tmp_path: Path):
    refusals = Refusals(tmp_path)
    refusals.tell("start", "Release", "release/web/production/1", "it has no seal", "7@mallory")
    refusals.flush()
    assert "from 7@mallory" in str(read(tmp_path))


def test_a_stranger_s_long_name_is_cut(tmp_path: Path):
    refusals = Refusals(tmp_path)
    refusals.tell("signal", "x" * 10_000, "y" * 10_000, "why", "z" * 10_000)
    refusals.flush()
    assert (tmp_path / "refused.json").stat().st_size < 2_000
