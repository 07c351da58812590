"""How settings are shown, and how their changes are told."""

from enum import StrEnum

from pydantic import BaseModel

from bot.settings.fields import (
    FieldKind,
    SettingChange,
    SettingField,
    describe_changes,
    show_value,
    write_to_fit,
)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Document(BaseModel):
    is_on: bool = False
    channel: int | None = None
    roles: frozenset[int] = frozenset()
    days: int = 0
    colours: frozenset[Colour] = frozenset()
    text: str = "secret"
    name: str = "UTC"


def field(name: str, kind: FieldKind, **options: object) -> SettingField:
    return SettingField(name=name, label=name.title(), about="", kind=kind, **options)  # type: ignore[arg-type]


FIELDS = (
    field("is_on", FieldKind.SWITCH),
    field("channel", FieldKind.CHANNEL),
    field("roles", FieldKind.ROLES),
    field("days", FieldKind.NUMBER, most=10_000),
    field("colours", FieldKind.CHOICES, choices={Colour.RED: "Red", Colour.BLUE: "Blue"}),
    field("text", FieldKind.TEXT),
    field("name", FieldKind.NAME),
)


def test_only_what_is_different_is_told_and_in_the_order_of_the_fields() -> None:
    after = Document(roles=frozenset({9, 7}), is_on=True)

    assert describe_changes(FIELDS, Document(), after) == (
        SettingChange("Is_On", "off", "on"),
        SettingChange("Roles", "nothing", "<@&7>, <@&9>", added=("<@&7>", "<@&9>")),
    )
    assert describe_changes(FIELDS, after, after) == ()


def test_of_several_is_told_what_came_and_what_went() -> None:
    before = Document(roles=frozenset({1, 2}), colours=frozenset({Colour.RED}))
    after = Document(roles=frozenset({2, 3, 4}))

    roles, colours = describe_changes(FIELDS, before, after)

    assert roles.difference(10) == "added <@&3>, <@&4>; removed <@&1>"
    assert colours.difference(10) == "removed Red"
    [emptied] = describe_changes(FIELDS[1:2], Document(channel=5), Document())
    assert emptied.difference(10) == "<#5> → nothing"


def test_of_very_many_some_are_named_and_the_others_counted() -> None:
    [change] = describe_changes(FIELDS, Document(), Document(roles=frozenset(range(1, 2_001))))

    assert change.difference(2) == "added <@&1>, <@&2> and 1,998 more"
    told = write_to_fit(change.difference, 200)
    assert len(told) <= 200
    assert told.endswith("<@&10> and 1,990 more")


def test_values_read_as_people_say_them() -> None:
    document = Document(
        is_on=True, channel=5, roles=frozenset({3}), days=1_000, colours=frozenset({Colour.BLUE, Colour.RED})
    )

    shown = [show_value(each, getattr(document, each.name)) for each in FIELDS]

    assert shown == ["on", "<#5>", "<@&3>", "1,000", "Red, Blue", "a text", "`UTC`"]


def test_what_a_text_says_is_never_told() -> None:
    """It goes to the log of the operator, too."""
    [change] = describe_changes(FIELDS, Document(), Document(text="another secret"))
    assert "secret" not in f"{change.before}{change.after}"
