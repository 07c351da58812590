from bot.text.values import Kind, Value, join_alternatives


def text(name: str) -> Value:
    return Value(Kind.TEXT, name)


def word(words: str) -> Value:
    return Value(Kind.WORD, words)


def test_alternatives_are_joined_by_or() -> None:
    assert join_alternatives([text("Ada"), text("Bob"), text("Cy")]) == text("Ada or Bob or Cy")


def test_two_people_of_the_same_name_are_named_twice() -> None:
    assert join_alternatives([text("Ada"), text("Ada")]) == text("Ada or Ada")


def test_words_that_nobody_chose_are_not_repeated() -> None:
    assert join_alternatives([word("Not muted"), word("Not muted")]) == word("Not muted")


def test_alternatives_are_trusted_like_the_least_trusted() -> None:
    assert join_alternatives([word("No nickname"), text("*Ada*")]) == text("No nickname or *Ada*")
    mention = Value(Kind.MENTION, "<@1>")
    assert join_alternatives([mention, word("Unknown inviter")]) == Value(
        Kind.MENTION, "<@1> or Unknown inviter"
    )
