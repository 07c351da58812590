"""Our own REST answers in simcord's route table."""

from collections.abc import Callable
from typing import Any

from .backend import ROUTE_TABLE, BackendError, RequestContext, RouteNotImplemented

SimcordHandler = Callable[[RequestContext], Any]
# The first argument is a world; which acts a handler needs of it is the handler's own business.
WorldHandler = Callable[[Any, RequestContext], Any]
_SIMCORD_HANDLERS: dict[tuple[str, str], SimcordHandler] = {}


class Routes:
    """A collection of answers that simcord lacks or that differ from Discord's; use it as a decorator."""

    def __init__(self) -> None:
        self.handlers: dict[tuple[str, str], WorldHandler] = {}

    def __call__(self, method: str, template: str) -> Callable[[WorldHandler], WorldHandler]:
        def register(handler: WorldHandler) -> WorldHandler:
            self.handlers[method, template] = handler
            return handler

        return register


def simcord_answer(method: str, template: str, context: RequestContext) -> Any:
    """Return what simcord itself answers on a route that one of our handlers has taken over."""
    return _SIMCORD_HANDLERS[method, template](context)


def install_routes(world_class: type[Any], *collections: Routes) -> None:
    """Put our answers into simcord's route table; a plain simcord Backend keeps simcord's own."""
    for collection in collections:
        for (method, template), handler in collection.handlers.items():
            segments = template.strip("/").split("/")
            table = ROUTE_TABLE.setdefault(method, [])
            place = next((index for index, (known, _) in enumerate(table) if known == segments), None)
            if place is None:
                table.append((segments, _guarded(world_class, handler, None)))
            else:
                original = table[place][1]
                _SIMCORD_HANDLERS[method, template] = original
                table[place] = (segments, _guarded(world_class, handler, original))


def _guarded(
    world_class: type[Any], handler: WorldHandler, original: SimcordHandler | None
) -> SimcordHandler:
    def answer(context: RequestContext) -> Any:
        if isinstance(context.backend, world_class):
            return handler(context.backend, context)
        if original is None:
            raise RouteNotImplemented(context.method, context.path)
        return original(context)

    return answer


def read_limit(context: RequestContext, default: int, highest: int) -> int:
    """Return the query's ``limit``; raises 400/50035 when it is out of bounds."""
    limit = int(context.params.get("limit", default))
    if not 1 <= limit <= highest:
        raise BackendError(400, 50035, f"Invalid Form Body: limit must be between 1 and {highest}")
    return limit
