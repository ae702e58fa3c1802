"""What docs/bench.md says of standings, keys and limits is what the code has."""

from __future__ import annotations

import re
from pathlib import Path

from grader.bench.as_json import document
from grader.bench.contest import ROUNDS
from grader.bench.judging import SLACK, SLACK_SECONDS, WALL_SLACK, WALL_SLACK_SECONDS
from grader.bench.model import Contestant, Direction, Standing, State
from tests.bench.samples import report

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "bench.md").read_text(encoding="utf-8")
TABLE = PAGE.split("\n## The JSON\n")[1]


def keys(value: object) -> set[str]:
    """Every key of nested dictionaries but the names of those who are timed."""
    if isinstance(value, list):
        return set().union(*map(keys, value))
    if not isinstance(value, dict):
        return set()
    own = set(value) - {contestant.value for contestant in Contestant}
    return own.union(*map(keys, value.values()))


def test_every_key_of_the_json_is_described():
    described = set(re.findall(r"`([\w ]+)`", TABLE))
    in_reports = {"message", "path", "line"}
    assert keys(document(report())) - in_reports - described == set()


def test_every_standing_state_direction_and_contestant_is_told():
    standings = PAGE.split("<!-- standings: begin -->")[1].split("<!-- standings: end -->")[0]
    assert re.findall(r"^\| `(\w+)` \|", standings, re.MULTILINE) == [each.value for each in Standing]
    for name in (*State, *Direction, *Contestant):
        assert f"`{name.value}`" in TABLE


def test_the_numbers_of_the_page_are_those_of_the_code():
    assert ROUNDS == 5
    assert "the median of five rounds" in PAGE
    assert (SLACK, SLACK_SECONDS) == (1.1, 5e-3)
    assert (WALL_SLACK, WALL_SLACK_SECONDS) == (1.15, 10e-3)
    assert "more than a tenth, and 5 ms; where only a clock on the wall is there, 15 % and 10 ms" in PAGE
