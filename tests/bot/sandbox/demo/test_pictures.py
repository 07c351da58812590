"""The charts of the README are those that the demo makes; its screens are drawn from scenes of their own."""

import re
from pathlib import Path

import pytest

from bot.sandbox.demo.paper_boats import PAPER_BOATS
from bot.sandbox.demo.playing.statistics import PNG_START, chart_file_name
from bot.sandbox.demo.story import AskStatistics
from tests.screens.scenes import SCENES

ROOT = Path(__file__).parents[4]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"!\[[^\]]+\]\(docs/([\w-]+\.png)\)", README)
SCREENS = {f"{scene.name}.png" for scene in SCENES}
CHARTS = [name for name in SHOWN if name not in SCREENS]


def test_every_picture_that_is_kept_is_shown_and_the_other_way_round() -> None:
    assert sorted(SHOWN) == sorted(path.name for path in (ROOT / "docs").glob("*.png"))
    assert len(CHARTS) >= 3


@pytest.mark.parametrize("name", CHARTS)
def test_a_picture_is_of_a_command_of_the_story(name: str) -> None:
    topics = [step.command.split()[-1] for step in PAPER_BOATS.steps() if isinstance(step, AskStatistics)]

    assert name.removesuffix(".png").split("-")[0] in topics
    assert (ROOT / "docs" / name).read_bytes().startswith(PNG_START)


def test_charts_of_two_commands_never_share_a_file() -> None:
    assert chart_file_name("serverstats top", "top.png") == "top.png"
    assert chart_file_name("serverstats activities", "top.png") == "activities-top.png"
