"""One performance of the demo: both processes, the story, the comparison, the exit code."""

import asyncio
import logging
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random, SystemRandom

from storage.records import InviteCounts, Join

from ..server import SandboxServer
from ..switches import Switches
from ..world import World
from .bot_process import BotProcess, BotStoppedError, error_lines
from .checking import CheckedJoin, Outcome, Report, check, check_open
from .commands import NoAnswerError
from .events import (
    AmountChecked,
    ChartsKept,
    DemoStarted,
    Event,
    JoinChecked,
    Kept,
    LeaderboardRow,
    LeaderboardShown,
    LogShown,
    ProblemFound,
    Summary,
)
from .examining import Life, examine
from .paper_boats import PAPER_BOATS
from .player import Player
from .printing import JsonPrinter, PeoplePrinter
from .story import Story
from .watching import StoryError
from .wording import Names, say_conclusion, say_how, say_truth

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130
SEEDS = 10_000
READING_PAUSE_S = 0.6
SEARCH_DELAY_S = 1.5
"""So long the member search does not know a new member: time enough to see what the counters say alone."""
LOG_LINES_SHOWN = 30
LOG_ERRORS_TOLD = 3


async def run_demo(*, json_lines: bool, keep: bool, seed: int | None) -> int:
    """Play the story and return the exit code.

    0: nothing was concluded wrongly, and everything that could be decided was; 1: anything else; 130:
    interrupted.
    With ``keep`` both processes go on running until SIGINT or SIGTERM.
    """
    # Libraries have nothing to say here; the bot's own log is looked at in the end.
    logging.getLogger().addHandler(logging.NullHandler())
    if json_lines:
        tell, pause_s = JsonPrinter().tell, 0.0
    else:
        printer = PeoplePrinter()
        tell, pause_s = printer.tell, READING_PAUSE_S if printer.is_terminal else 0.0
    folder = Path(tempfile.mkdtemp(prefix="headcount-demo-"))
    seed = SystemRandom().randrange(SEEDS) if seed is None else seed
    performance = asyncio.ensure_future(
        _perform(PAPER_BOATS, folder, tell, keep=keep, seed=seed, pause_s=pause_s)
    )
    exit_code = EXIT_INTERRUPTED
    try:
        with _signals_cancel(performance):
            exit_code = await performance
    except BrokenPipeError:
        # Nobody reads any more, as with `| head`; what is still buffered must not be written at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except asyncio.CancelledError:
        # Interrupted: the performance has stopped the bot on its way out.
        exit_code = EXIT_INTERRUPTED
    finally:
        if exit_code != EXIT_FAILED:
            shutil.rmtree(folder, ignore_errors=True)
    return exit_code


async def _perform(
    story: Story, folder: Path, tell: Callable[[Event], None], *, keep: bool, seed: int, pause_s: float
) -> int:
    chance = Random(seed)  # noqa: S311  chance for a story, not for secrets
    world = World(switches=_switches(story, chance))
    async with SandboxServer(world) as server:
        tell(DemoStarted(story.server, server.api_base, seed))
        bot = BotProcess(folder, api_base=server.api_base, gateway_url=server.gateway_url, token=server.token)
        try:
            player = Player(story, world, server, bot, chance=chance, tell=tell, pause_s=pause_s)
            try:
                await player.invent_past(seed)
                await player.start_bot()
                async with player.records:
                    joins, counts = await _play(player, tell)
                    # The answers were events for the bot as well: it is stopped once it has heard of them.
                    life = await examine(player)
                    stopped = keep or await bot.stop()
                    if not keep:
                        life = await examine(player, patience_s=0)
            except (StoryError, NoAnswerError, BotStoppedError) as error:
                tell(ProblemFound(str(error)))
                tell(_end_of_log(bot))
                return EXIT_FAILED
            report = check(
                player.cast.expectations,
                joins,
                dict(counts),
                absent_ids=player.cast.absent_ids(),
                names=player.cast.names.people,
                other_problems=(
                    *check_open(player.cast.expectations, joins, player.cast.absent_ids()),
                    *life.problems,
                    *_other_problems(world, bot, stopped=stopped),
                ),
            )
            _tell_report(report, life, player.cast.names, tell)
            if report.problems:
                tell(_end_of_log(bot))
            if player.statistics.charts:
                tell(ChartsKept(str(player.statistics.folder), len(player.statistics.charts)))
            if keep:
                tell(_kept(server, bot))
            tell(_summary(report, life))
            if keep:
                await _until_interrupted()
            return report.exit_code
        finally:
            await bot.stop()


async def _play(
    player: Player, tell: Callable[[Event], None]
) -> tuple[list[Join], list[tuple[int, InviteCounts]]]:
    """Play the story and return what the bot has on record at its end."""
    await player.play()
    await player.await_search()
    joins = await player.records.fetch_joins(player.cast.all_ids)
    counts = await player.records.fetch_counts()
    answer = await player.use_command(player.admin, "invite_tracker leaderboard")
    names = player.cast.names
    rows = tuple(
        LeaderboardRow(names.person(inviter_id) or "", one.real, one.total, one.leaves, one.fake)
        for inviter_id, one in counts
    )
    tell(LeaderboardShown(answer.command, (answer.headline, *answer.lines), rows))
    return joins, counts


def _switches(story: Story, chance: Random) -> Switches:
    return Switches(
        rest_latency_ms=story.rest_latency_ms,
        event_lag_ms=story.event_lag_ms,
        invite_delete_order="random",
        search_delay_s=SEARCH_DELAY_S,
        chance=chance,
    )


def _other_problems(world: World, bot: BotProcess, *, stopped: bool) -> list[str]:
    problems = [f"The local Discord could not serve a request: {gap}." for gap in world.gaps]
    errors = error_lines(bot.log_lines())
    problems += [f"The bot's log has an error: {line}" for line in errors[:LOG_ERRORS_TOLD]]
    if len(errors) > LOG_ERRORS_TOLD:
        problems.append(
            f"The bot's log has {len(errors) - LOG_ERRORS_TOLD} further lines that tell of errors."
        )
    return problems if stopped else [*problems, "The bot did not stop when it was asked to."]


def _tell_report(report: Report, life: Life, names: Names, tell: Callable[[Event], None]) -> None:
    for checked in report.joins:
        tell(_join_checked(checked, names))
    for one in life.compared:
        tell(AmountChecked(one.what, one.truth, one.recorded, not one.problems, one.note))
    for problem in report.problems:
        tell(ProblemFound(problem))


def _join_checked(checked: CheckedJoin, names: Names) -> JoinChecked:
    conclusion = checked.conclusion
    return JoinChecked(
        member=checked.expectation.member,
        expected=say_truth(checked.expectation, names),
        concluded="nothing" if conclusion is None else say_conclusion(conclusion, names),
        how="" if conclusion is None else say_how(conclusion),
        outcome=checked.outcome,
    )


def _summary(report: Report, life: Life) -> Summary:
    return Summary(
        joins=len(report.joins),
        right=report.count(Outcome.RIGHT),
        wrong=report.count(Outcome.WRONG),
        ambiguous=report.count(Outcome.AMBIGUOUS),
        unknown=report.count(Outcome.UNKNOWN),
        **life.amounts,
        problems=len(report.problems),
    )


def _end_of_log(bot: BotProcess) -> LogShown:
    return LogShown(str(bot.log_path), bot.log_lines()[-LOG_LINES_SHOWN:])


def _kept(server: SandboxServer, bot: BotProcess) -> Kept:
    return Kept(server.api_base, server.gateway_url, server.token, str(bot.data_path), str(bot.log_path))


async def _until_interrupted() -> None:
    with suppress(asyncio.CancelledError):
        await asyncio.Event().wait()


@contextmanager
def _signals_cancel(performance: asyncio.Future[int]) -> Iterator[None]:
    """Let SIGINT and SIGTERM cancel the performance, where the event loop can do that."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, performance.cancel)
    try:
        yield
    finally:
        for number in numbers:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)
