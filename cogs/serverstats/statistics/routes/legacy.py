"""The same under the paths of an older generation of the published API."""

from bot.web.routing import ApiRouter
from cogs.serverstats.statistics.routes.intake import add_intake
from cogs.serverstats.statistics.routes.reading import add_reading
from cogs.serverstats.statistics.routes.scope import PREFIX, operation_of
from storage.statistics.catalogue import CATALOGUE

router = ApiRouter(PREFIX, "Statistics: older paths")

for each in CATALOGUE:
    if each.legacy is None:
        continue
    add_reading(
        router,
        each,
        f"/{each.legacy.view_key}",
        operation_of("view", each.legacy.key),
        has_user=each.keeps_user,
        is_deprecated=True,
    )
    if each.legacy.report_key != each.key:
        add_intake(
            router,
            each,
            "POST",
            f"/{each.legacy.report_key}",
            operation_of("check", each.legacy.key),
            each.legacy.intake,
            is_deprecated=True,
        )
