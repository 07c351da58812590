"""People at their Discord clients: they type commands, click, choose, fill in forms and react."""

from collections.abc import Sequence
from typing import Any, cast

import discord

from .backend import (
    Channel,
    ChannelHandle,
    Env,
    GuildHandle,
    InteractionResult,
    MemberActor,
    Message,
    ResponseMessage,
    Role,
    RoleHandle,
    SetupError,
    User,
    UserHandle,
    models,
)
from .world import World

ANSWER_TIMEOUT_S = 5


class _Stage:
    """What simcord's actors ask of an ``Env``, for a world whose bot is somewhere else on a wire."""

    strict_sync = True

    def __init__(self, world: World) -> None:
        self.backend = world
        # Never connected: it only gives simcord the state that discord.py's message objects are made with.
        self.bot = discord.Client(intents=discord.Intents.none())
        self._message_states = {self.bot._connection}  # noqa: SLF001
        self._pending: models.Interaction | None = None

    def _begin_operation(self, label: str) -> None:
        """Allow acts to overlap, as people do."""

    def _end_operation(self) -> None:
        """End nothing, see ``_begin_operation``."""

    def _mark_mutation(self) -> None:
        """Note nothing: only simcord's preview asks."""

    def _notify_dispatch_observers(self, interaction: models.Interaction) -> None:
        self._pending = interaction

    async def _settle_internal(self, dispatch: str = "") -> None:
        """Wait for the bot's answer to the interaction that was sent last; give up after five seconds."""
        interaction, self._pending = self._pending, None
        if dispatch != "INTERACTION_CREATE" or interaction is None:
            return
        try:
            await self.backend.until(
                lambda: interaction.responded and not interaction.loading, ANSWER_TIMEOUT_S
            )
        except TimeoutError:
            # As in the real client: "The application did not respond". The result says acknowledged=False.
            return


class Person:
    """One member of one guild at the keyboard.

    Acts are checked as Discord's client would: a command that is not registered or not visible, a disabled
    button or a channel that cannot be seen raise SetupError. ``slash``, ``click``, ``select`` and
    ``submit_modal`` return an InteractionResult: ``response``, ``followups``, ``modal``, ``acknowledged``.
    """

    def __init__(self, world: World, guild_id: int, user_id: int) -> None:
        self.world = world
        self.id = user_id
        self.guild_id = guild_id
        self._env = cast("Env", _Stage(world))
        self._guild = GuildHandle(self._env, world.get_guild(guild_id))
        self._actor = MemberActor(self._env, self._guild, UserHandle(self._env, world.get_user(user_id)))

    async def send(self, channel_id: int, content: str, *, reply_to: ResponseMessage | None = None) -> int:
        """Write a message and return its id."""
        message = await self._actor.send(self._channel(channel_id), content, reply_to=reply_to)
        return message.id

    async def slash(self, channel_id: int, command: str, /, **options: Any) -> InteractionResult:
        """Run a slash command such as ``"invite_tracker stats"`` and wait for the answer.

        Options that are users, channels or roles take the world's User, Channel and Role objects.
        """
        handles = {name: self._handle(value) for name, value in options.items()}
        return await self._actor.slash(self._channel(channel_id), command, **handles)

    async def autocomplete(
        self, channel_id: int, command: str, option: str, typed: str, /, **filled: Any
    ) -> list[dict[str, Any]]:
        """Type into an option and return the choices that the bot offers."""
        handles = {name: self._handle(value) for name, value in filled.items()}
        return await self._actor.autocomplete(self._channel(channel_id), command, option, typed, **handles)

    async def click(
        self, message: ResponseMessage, *, label: str | None = None, custom_id: str | None = None
    ) -> InteractionResult:
        """Click a button."""
        return await self._actor.click(message, label=label, custom_id=custom_id)

    async def select(
        self, message: ResponseMessage, values: list[Any], *, custom_id: str | None = None
    ) -> InteractionResult:
        """Choose from a select menu: strings, or the world's User, Channel and Role objects."""
        return await self._actor.select(
            message, [self._handle(value) for value in values], custom_id=custom_id
        )

    async def submit_modal(self, shown: InteractionResult, values: dict[str, Any]) -> InteractionResult:
        """Fill in and send the form that an interaction has opened; keys are custom ids."""
        handles = {name: self._handle(value) for name, value in values.items()}
        return await self._actor.submit_modal(shown, handles)

    async def react(self, message: ResponseMessage, emoji: str) -> None:
        """React to a message."""
        await self._actor.react(message, emoji)

    async def unreact(self, message: ResponseMessage, emoji: str) -> None:
        """Take a reaction back."""
        await self._actor.unreact(message, emoji)

    async def delete(self, message: ResponseMessage) -> None:
        """Delete a message."""
        await self._actor.delete(message)

    async def edit(self, message: ResponseMessage, content: str) -> None:
        """Change what one has written."""
        await self._actor.edit(message, content)

    async def vote(self, message: ResponseMessage, answer: int) -> None:
        """Vote in a poll; the answers' ids are 1, 2, 3…"""
        await self._actor.vote(message, answer=answer)

    def delete_many(self, channel_id: int, message_ids: Sequence[int]) -> None:
        """Delete several messages at once, as a moderator; raises BackendError for anybody else."""
        self._require(channel_id, "manage_messages")
        self.world.bulk_delete_messages(channel_id, message_ids)

    def clear_reactions(self, channel_id: int, message_id: int, emoji: str | None = None) -> None:
        """Remove all reactions, or those with one emoji, as a moderator; raises BackendError for anybody else."""
        self._require(channel_id, "manage_messages")
        if emoji is None:
            self.world.clear_reactions(channel_id, message_id)
        else:
            self.world.clear_reaction(channel_id, message_id, emoji)

    async def enter_voice(self, channel_id: int) -> None:
        """Join a voice channel."""
        await self._actor.join_voice(self._channel(channel_id))

    async def leave_voice(self) -> None:
        """Leave the voice channel."""
        await self._actor.leave_voice()

    def message(self, channel_id: int, message_id: int) -> ResponseMessage:
        """Return a message that this person can see, to click on or react to."""
        stored = self.world.get_message(channel_id, message_id)
        if not stored.visible_to(self.id):
            raise SetupError("That message is shown to someone else only.")
        return ResponseMessage(self._env, stored)

    def messages(self, channel_id: int) -> list[ResponseMessage]:
        """Return what this person sees in a channel, oldest first."""
        stored: list[Message] = list(self.world.messages[channel_id].values())
        return [ResponseMessage(self._env, message) for message in stored if message.visible_to(self.id)]

    def _require(self, channel_id: int, *permissions: str) -> None:
        self.world.require_permissions(self.guild_id, self.id, channel_id, *permissions)

    def _channel(self, channel_id: int) -> ChannelHandle:
        return ChannelHandle(self._env, self._guild, self.world.get_channel(channel_id))

    def _handle(self, value: Any) -> Any:
        """Return simcord's handle for one of the world's objects; other values stay as they are."""
        if isinstance(value, User):
            user = UserHandle(self._env, value)
            is_member = value.id in self.world.get_guild(self.guild_id).members
            return MemberActor(self._env, self._guild, user) if is_member else user
        if isinstance(value, Channel):
            return ChannelHandle(self._env, self._guild, value)
        if isinstance(value, Role):
            return RoleHandle(self._env, self._guild, value)
        return [self._handle(one) for one in value] if isinstance(value, list) else value
