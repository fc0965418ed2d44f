"""Programs of a cluster: kept by a supervisor each."""

from activities.clusters.processes import Components


def test_a_program_that_listens_nowhere_is_ready_as_long_as_it_runs(tmp_path):
    parts = Components(tmp_path, f"parts-{tmp_path.name}")
    try:
        parts.start("sleeper", ["sleep", "600"], 0)
        parts.wait("sleeper", lambda words: None)

        assert parts.runs("sleeper")
        assert len(parts.processes()) == 1
    finally:
        parts.stop("sleeper")
    assert parts.processes() == []
