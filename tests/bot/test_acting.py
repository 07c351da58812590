"""Who is behind what is being done."""

import pytest

from bot.acting import Actor, acting_for, current_actor

WEBSITE = Actor(name="website")
OPERATOR = Actor(name="operator", is_operator=True)


def fail_as_operator() -> None:
    with acting_for(OPERATOR):
        assert current_actor() == OPERATOR
        raise LookupError


def test_somebody_else_acts_in_the_block_alone_also_when_it_fails() -> None:
    before = current_actor()
    with acting_for(WEBSITE):
        with pytest.raises(LookupError):
            fail_as_operator()
        assert current_actor() == WEBSITE
    assert current_actor() == before
