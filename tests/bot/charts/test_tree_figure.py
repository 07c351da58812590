"""What the picture of a tree shows, read from the drawn figure."""

import random
import struct
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from bot.charts.drawing import draw_chart
from bot.charts.sheet import MARGIN, WIDTH
from bot.charts.specs import TreeChart, TreePerson
from bot.charts.tree_figure import tree_figure
from tests.bot.charts.examples import ODD_NAMES

DISCORD_FILE_BYTES = 8 * 1024 * 1024


def person(name: str, *people: TreePerson, more: int = 0) -> TreePerson:
    return TreePerson(name=name, people=people, brought=len(people) + more, more=more)


def chart(root: TreePerson, *notes: str) -> TreeChart:
    return TreeChart(title="Whom Mia brought", subtitle="2 people", notes=notes, root=root)


def names_of(figure: Figure) -> list[Text]:
    return [text for text in figure.texts if text.get_gid() == "name"]


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in names_of(figure)]


def crowd(count: int, seed: int = 1) -> TreePerson:
    """Return a tree of so many people, at most five levels deep."""
    chance = random.Random(seed)
    people: list[list[int]] = [[] for _ in range(count + 1)]
    depth = [0] * (count + 1)
    for number in range(1, count + 1):
        parent = chance.choice([other for other in range(number) if depth[other] < 5])
        people[parent].append(number)
        depth[number] = depth[parent] + 1

    def make(number: int) -> TreePerson:
        name = ODD_NAMES[number % len(ODD_NAMES)] if number % 3 else f"person {number}"
        return replace(person(name, *map(make, people[number])), other_name=f"user{number}")

    return make(0)


def test_who_brought_others_has_a_line_with_those_who_did_not_behind() -> None:
    figure = tree_figure(chart(person("Mia", person("Ben", person("Cleo")), person("Dan"))))

    assert words(figure) == ["Mia", "2", "Dan", "Ben", "1", "Cleo"]
    heights = [text.get_position()[1] for text in names_of(figure)]
    assert heights[0] == heights[1] == heights[2] > heights[3] == heights[4] == heights[5]


def test_who_is_not_shown_is_counted() -> None:
    assert words(tree_figure(chart(person("Mia", person("Ben"), more=12)))) == [
        "Mia",
        "13",
        "Ben",
        "… and 12 more",
    ]


def test_who_brought_others_of_whom_none_is_shown_needs_no_line() -> None:
    figure = tree_figure(chart(person("Mia", person("Ben", more=4), person("Cleo"))))

    assert words(figure) == ["Mia", "2", "Ben", "4", "Cleo"]
    assert len({text.get_position()[1] for text in names_of(figure)}) == 1


def test_who_left_is_struck_through_and_who_is_not_sure_has_a_question_mark() -> None:
    people = (replace(person("Ben"), is_gone=True), replace(person("דניאל"), is_sure=False))
    figure = tree_figure(chart(person("Mia", *people)))

    strikes = [one for one in figure.artists if isinstance(one, Line2D) and one.get_gid() == "strike"]
    assert len(strikes) == 1
    assert words(figure)[-2:] == ["דניאל", "?"]
    mia, _count, ben, *_rest = names_of(figure)
    assert strikes[0].get_path().get_extents().x0 == ben.get_position()[0] > mia.get_position()[0]


def test_a_name_that_cannot_be_drawn_is_the_other_name() -> None:
    people = (replace(person("田中さん"), other_name="tanaka"), person("🦊"))

    assert words(tree_figure(chart(person("Mia", *people))))[2:] == ["tanaka", "…"]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 200), st.integers(0, 1_000))
def test_everybody_stands_on_the_picture_and_nobody_on_somebody_else(count: int, seed: int) -> None:
    figure = tree_figure(chart(crowd(count, seed), "a note"))
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]

    boxes = [text.get_window_extent(renderer) for text in names_of(figure)]
    by_line: dict[float, list[tuple[float, float]]] = {}
    for text, box in zip(names_of(figure), boxes, strict=True):
        assert box.x0 >= MARGIN - 1
        assert box.x1 <= WIDTH - MARGIN / 2
        assert 0 < box.y0 < box.y1 < figure.bbox.height
        by_line.setdefault(text.get_position()[1], []).append((box.x0, box.x1))
    for line in by_line.values():
        line.sort()
        assert all(left[1] < right[0] for left, right in pairwise(line))


def test_two_hundred_people_are_a_picture_that_discord_takes() -> None:
    png = draw_chart(chart(crowd(200)))

    width, height = struct.unpack(">II", png[16:24])
    assert width == WIDTH
    assert height < 4 * WIDTH
    assert len(png) < DISCORD_FILE_BYTES
    assert png == draw_chart(chart(crowd(200)))
