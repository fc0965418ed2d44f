"""judge simulate: the same figures for the same seed, and what they mean."""

import json

from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.profile import times
from workers.cli.judge import judge
from workers.simulation.chance import Seeded

QUICK = ["simulate", "--replications", "2", "--clusters", "3", "--processes", "1"]


def told(*more: str) -> str:
    done = CliRunner().invoke(judge, [*QUICK, *more])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_row_says_what_each_finds_alone_and_all_find_together() -> None:
    row = json.loads(told("--row", "100 % down", "--rate", "50", "--json").splitlines()[0])

    assert row["row"] == "100 % down"
    assert row["alone"]["clusters_back_percent"] == 100
    assert row["pooled"]["any_back_percent"] == 100
    assert 0 < row["pooled"]["failures"] <= row["alone"]["failures"]


def test_the_same_seed_gives_the_same_table() -> None:
    table = told("--row", "100 % down in one")

    assert table == told("--row", "100 % down in one")
    assert table.splitlines()[2].startswith("100 % down in one")


def test_a_row_that_is_not_there_is_refused_with_those_that_are() -> None:
    done = CliRunner().invoke(judge, [*QUICK, "--row", "purple"])

    assert done.exit_code != 0
    assert "median +20 %" in done.output


def test_a_policy_with_an_error_is_told_with_its_line(tmp_path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("alpha: 2\n")
    done = CliRunner().invoke(judge, [*QUICK, "--policy", str(policy)])

    assert "alpha" in str(done.exception)


@settings(max_examples=times(10, 30))
@given(st.integers(0, 10_000), st.floats(0.01, 400), st.floats(0, 1))
def test_draws_have_the_mean_and_the_spread_of_their_distribution(seed: int, mean: float, p: float) -> None:
    draws, n = Seeded(seed, 1.0), 60
    events = [draws.poisson(mean) for _ in range(n)]
    hits = [draws.binomial(200, p) for _ in range(n)]

    assert abs(sum(events) / n - mean) <= 8 * (mean / n) ** 0.5 + 10 / n
    assert all(0 <= one <= 200 for one in hits)
    assert abs(sum(hits) / n - 200 * p) <= 8 * (200 * p * (1 - p) / n) ** 0.5 + 10 / n


def test_the_first_to_come_true_takes_as_long_as_it_should() -> None:
    draws = Seeded(1, 1.0)
    trials = [draws.geometric(0.25) for _ in range(2000)]

    assert min(trials) == 1
    assert abs(sum(trials) / 2000 - 4) < 0.5
    assert draws.geometric(1.0) == 1
    assert draws.geometric(5e-324) > 2**62, "the smallest of all probabilities"
