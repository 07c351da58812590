"""The table of facts: every endpoint of the published APIs that this bot answers, written out by hand of what is published."""

from tests.web.contract.invite_tracker import INVITE_LOGGER, INVITE_TRACKER
from tests.web.contract.serverstats import SERVERSTATS
from tests.web.contract.statistics import STATISTICS, STATISTICS_BEFORE

CONTRACT = (*INVITE_TRACKER, *INVITE_LOGGER, *SERVERSTATS, *STATISTICS, *STATISTICS_BEFORE)
