"""Many joins in a short time."""

import asyncio
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from bot.sandbox.world import JoinSource
from storage.records import Certainty
from tests.wire.town import INVITE_LIST, Town, quick_config, town

JOINS = 200
MOST_REQUESTS = 15


@pytest.mark.parametrize("seed", [1, 2])
async def test_two_hundred_joins_in_a_second_give_exact_totals_no_wrong_name_and_few_requests(
    tmp_path: Path, seed: int
) -> None:
    # The product's own bounds: a slow machine must not make joins later than they may be.
    config = quick_config(lag_bound_ms=1_000, clock_margin_ms=400)
    async with town(tmp_path, config=config, rest_latency_ms=(5, 30)) as here:
        chance = Random(seed)
        invites = [here.invite(by) for by in (here.ada, here.ben, here.ada, here.ben, here.old_member("cyd"))]
        await here.looked()
        asked = len(here.world.requests("GET", INVITE_LIST))
        for _ in range(JOINS):
            here.join(chance.choice(invites))
            await asyncio.sleep(1 / JOINS)
        joins = await here.all_recorded()

        requests = len(here.world.requests("GET", INVITE_LIST)) - asked
        assert len(joins) == JOINS
        here.assert_never_wrong(joins)
        here.assert_totals(joins)
        assert requests <= MOST_REQUESTS
        for inviter in (here.ada, here.ben):
            stats = await here.service.fetch_inviter_stats(here.guild.id, inviter.id, 1)
            codes = {invite.code for invite in invites if invite.inviter_id == inviter.id}
            truth = sum(record.code in codes for record in here.world.history)
            assert stats.counts.total == truth
        assert Counter(join.certainty for join in joins)[Certainty.UNKNOWN] == 0


@pytest.mark.parametrize(("seed", "reorder_events"), [(1, False), (2, True)])
async def test_in_a_lively_guild_no_name_is_wrong_and_every_total_is_exact(
    tmp_path: Path, seed: int, reorder_events: bool
) -> None:
    """All ways to join, leaves, one-time links and new links, with slow requests and slow events."""
    chance = Random(seed)
    config = quick_config(lag_bound_ms=500)
    async with town(
        tmp_path,
        config=config,
        vanity_code="harbour",
        rest_latency_ms=(5, 60),
        event_lag_ms=(10, 120),
        reorder_events=reorder_events,
        invite_delete_order="random",
        chance=Random(seed),
    ) as here:
        codes = [here.invite(by).code for by in (here.ada, here.ben, here.ada, here.ben)]
        await here.looked()
        for _ in range(50):
            act(here, chance, codes)
            await asyncio.sleep(chance.choice((0.0, 0.005, 0.03, 0.25)))
        joins = await here.all_recorded()

        here.assert_never_wrong(joins)
        here.assert_totals(joins)
        assert any(join.certainty is Certainty.CERTAIN for join in joins)


def act(here: Town, chance: Random, codes: list[str]) -> None:
    """Let one thing happen."""
    draw = chance.random()
    if draw < 0.15:
        here.join(here.invite(chance.choice((here.ada, here.ben)), max_uses=1))
    elif draw < 0.25:
        here.join(vanity=True)
    elif draw < 0.30:
        here.join(source=JoinSource.DISCOVERY)
    elif draw < 0.35:
        codes.append(here.invite(here.ben, max_uses=30).code)
    elif draw < 0.45 and here.world.joins:
        here.world.leave(*chance.choice(sorted(here.world.joins)))
    else:
        here.join(here.world.get_invite(chance.choice(codes)))
