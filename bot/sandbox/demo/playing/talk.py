"""Talk: messages that are written, edited and deleted, and polls."""

import asyncio

from storage.statistics.catalogue import VOTES_ADDED, VOTES_REMOVED

from ...world import Message
from .. import story as steps
from ..events import ChatHappened, MessageWritten, PollAsked, Recorded, Voted
from .stage import ACT_TIMEOUT_S, Stage

BETWEEN_MESSAGES_S = 0.008
WORDS = (
    "ahoy",
    "paper",
    "boat",
    "sail",
    "fold",
    "wind",
    "race",
    "tide",
    "mast",
    "again",
    "when",
    "lovely",
    "yes",
)


class Talk:
    """Plays what people write."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._world = stage.world
        self._polls: dict[str, Message] = {}
        self.messages: dict[str, Message] = {}
        """The messages of the story by name."""

    async def chat(self, step: steps.Chat) -> None:
        """Let people write here and there, and some of them think better of it."""
        chance, cast, story = self._stage.chance, self._stage.cast, self._stage.story
        channels = [cast.channel_id_of(name) for name in story.text_channels]
        written = []
        for _number in range(step.messages):
            text = " ".join(chance.choices(WORDS, k=chance.randint(2, 7)))
            author_id = cast.id_of(chance.choice(step.who))
            written.append(self._world.say(chance.choice(channels), author_id, text))
            # People do not write all at once, and neither does Discord tell so.
            await asyncio.sleep(BETWEEN_MESSAGES_S)
        spoiled = chance.sample(written, step.edited + step.deleted)
        for message in spoiled[: step.edited]:
            changes = {"content": f"{message.content}!"}
            self._world.edit_message(message.channel_id, message.id, changes)
        for message in spoiled[step.edited :]:
            self._world.delete_message(message.channel_id, message.id)
        self._stage.tell(ChatHappened(step.who, step.messages, step.edited, step.deleted))
        ids = {message.id for message in written}

        async def is_on_record() -> bool:
            sent, deleted = await self._stage.records.fetch_messages()
            return ids <= sent.keys() and {message.id for message in spoiled[step.edited :]} <= deleted.keys()

        if await self._stage.watcher.wait_for(is_on_record, ACT_TIMEOUT_S):
            what = f"{step.messages} messages are on record, {step.deleted} of them as deleted"
            self._stage.tell(Recorded(what))

    def write(self, step: steps.Write) -> None:
        """Let somebody write a message that the story comes back to."""
        cast = self._stage.cast
        self.messages[step.message] = self._world.say(cast.general_id, cast.id_of(step.by), step.text)
        self._stage.tell(MessageWritten(step.by, "general", step.text))

    def ask_poll(self, step: steps.AskPoll) -> None:
        """Let somebody ask."""
        cast = self._stage.cast
        self._polls[step.poll] = self._world.ask(
            cast.general_id, cast.id_of(step.by), step.question, step.answers
        )
        self._stage.tell(PollAsked(step.by, step.question, step.answers))

    async def vote(self, step: steps.Vote) -> None:
        """Let people vote, and take another vote back first; wait until that is on record."""
        message = self._polls[step.poll]
        poll = message.poll
        if poll is None:
            raise ValueError(f"{step.poll} is no poll.")
        answer_id = next(one.answer_id for one in poll.answers if one.text == step.answer)
        changed = []
        for who in step.who:
            user_id = self._stage.cast.id_of(who)
            for other_id, voters in poll.votes.items():
                if user_id in voters:
                    self._world.remove_poll_vote(message.channel_id, message.id, other_id, user_id)
                    changed.append(who)
            self._world.add_poll_vote(message.channel_id, message.id, answer_id, user_id)
        self._stage.tell(Voted(step.who, step.answer, tuple(changed)))
        truth, records = self._stage.truth, self._stage.records

        async def is_on_record() -> bool:
            votes, back = await records.fetch_users(VOTES_ADDED), await records.fetch_users(VOTES_REMOVED)
            return (len(votes), len(back)) == (len(truth.votes), len(truth.votes_back))

        if await self._stage.watcher.wait_for(is_on_record, ACT_TIMEOUT_S):
            back = f", {len(truth.votes_back)} of them taken back" if truth.votes_back else ""
            self._stage.tell(Recorded(f"{len(truth.votes)} votes are on record{back}"))
