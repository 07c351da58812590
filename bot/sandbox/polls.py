"""Acts with polls: asked, closed by hand, run out; the result is a message of its own."""

from collections.abc import Sequence
from typing import Any

from .backend import Message, MessageType, Poll, PollAnswer
from .messages import MessageActs


class PollActs(MessageActs):
    """What people do with polls; simcord's ``add_poll_vote`` and ``remove_poll_vote`` cast the votes."""

    def ask(
        self,
        channel_id: int,
        author_id: int,
        question: str,
        answers: Sequence[str],
        *,
        hours: float = 24,
        several: bool = False,
    ) -> Message:
        """Post a poll in somebody's name; the answers' ids are 1, 2, 3…"""
        numbered = [PollAnswer(number, text) for number, text in enumerate(answers, 1)]
        poll = Poll(question, numbered, self.iso_after(hours * 3600), allow_multiselect=several)
        return self.say(channel_id, author_id, poll=poll)

    def close_poll(self, message: Message) -> None:
        """Let the author close the poll by hand, while its time is still ahead."""
        self.expire_poll(message.channel_id, message.id)

    def let_poll_run_out(self, message: Message) -> None:
        """Let the poll's time be up this instant."""
        if message.poll is None:
            raise ValueError(f"Message {message.id} has no poll.")
        message.poll.expiry = self.iso_after(-0.01)
        self.expire_poll(message.channel_id, message.id)

    def expire_poll(self, channel_id: int, message_id: int) -> Message:
        """Close a poll: the update of its message, then the message with the result (type 46)."""
        before = self.get_message(channel_id, message_id)
        was_open = before.poll is not None and not before.poll.finalized
        message = super().expire_poll(channel_id, message_id)
        if was_open and message.poll is not None:
            self.commit_message(
                Message(
                    id=self.snowflake(),
                    channel_id=channel_id,
                    author_id=message.author_id,
                    timestamp=self.now_iso(),
                    type=MessageType.POLL_RESULT,
                    embeds=[_result_embed(message.poll)],
                    reference={"type": 0, "channel_id": str(channel_id), "message_id": str(message_id)},
                )
            )
        return message


def _result_embed(poll: Poll) -> dict[str, Any]:
    """Return the embed that carries a result (Discord documentation, Message Resource: Poll Result Embed Fields)."""
    votes = {answer.answer_id: len(poll.votes.get(answer.answer_id, ())) for answer in poll.answers}
    most = max(votes.values(), default=0)
    winners = [answer for answer in poll.answers if votes[answer.answer_id] == most]
    facts = {
        "poll_question_text": poll.question,
        "victor_answer_votes": str(most),
        "total_votes": str(sum(votes.values())),
    }
    if most and len(winners) == 1:
        facts["victor_answer_id"] = str(winners[0].answer_id)
        facts["victor_answer_text"] = winners[0].text or ""
    fields = [{"name": name, "value": value, "inline": False} for name, value in facts.items()]
    return {"type": "poll_result", "fields": fields, "content_scan_version": 0}
