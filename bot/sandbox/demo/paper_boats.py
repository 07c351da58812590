"""The story of the demo: a few days of a small server, in half a minute."""

from .story import (
    Act,
    AddBot,
    Crowd,
    EnableTracker,
    Join,
    JoinAtOnce,
    KillBot,
    Leave,
    MakeLink,
    MakeLinkByCommand,
    StartBot,
    Story,
    ThroughDiscovery,
    ThroughLink,
    ThroughVanity,
    TurnOnMessages,
)

ANTON = ThroughLink("Anton's link")
BEA = ThroughLink("Bea's link")
CEM = ThroughLink("Cem's link")
CEM_ONCE = ThroughLink("Cem's one-time link")
DORA = ThroughLink("Dora's link")

PAPER_BOATS = Story(
    server="Paper Boats",
    vanity_code="paperboats",
    admin="Mira",
    members=("Anton", "Bea", "Cem", "Dora"),
    acts=(
        Act(
            "Mira sets things up",
            "Three commands: everything is off until an admin turns it on.",
            (EnableTracker(), TurnOnMessages()),
        ),
        Act(
            "Three people make invite links",
            "Cem makes two, one of them for a single use.",
            (
                MakeLink(ANTON.link, by="Anton"),
                MakeLink(BEA.link, by="Bea"),
                MakeLink(CEM.link, by="Cem"),
                MakeLink(CEM_ONCE.link, by="Cem", max_uses=1),
            ),
        ),
        Act(
            "One at a time",
            "A quiet evening: each join raises one link's counter.",
            (Join("Elif", ANTON), Join("Finn", BEA), Join("Greta", ANTON)),
        ),
        Act(
            "The last use",
            "The link vanishes with its only use, so there is no counter left to read.",
            (Join("Hugo", CEM_ONCE),),
        ),
        Act(
            "By the front door",
            "The vanity URL is in no list of invites and has a counter of its own.",
            (Join("Ines", ThroughVanity()),),
        ),
        Act(
            "Two friends, one link",
            "The same instant, but the same link: nothing to confuse.",
            (JoinAtOnce((Join("Jonas", BEA), Join("Kaya", BEA))),),
        ),
        Act(
            "Two strangers, two links, one instant",
            "Discord does not say who used which. The bot must not guess.",
            (JoinAtOnce((Join("Leo", ANTON, decidable=False), Join("Maja", BEA, decidable=False))),),
        ),
        Act(
            "Out of nowhere",
            "Nils found the server by himself: no link, no counter, nobody to thank.",
            (Join("Nils", ThroughDiscovery(), decidable=False),),
        ),
        Act(
            "A helping hand",
            "Mira adds a bot. The audit log tells who did it; no link is blamed.",
            (AddBot("Folder", by="Mira"),),
        ),
        Act(
            "A link made by command",
            "To Discord the link is the bot's own. Its joins count for Dora all the same.",
            (MakeLinkByCommand(DORA.link, by="Dora"), Join("Otis", DORA)),
        ),
        Act(
            "A crowd",
            "Twelve people, four links, one second. Where several fit, all are named.",
            (
                Crowd(
                    who=(
                        "Pia",
                        "Quinn",
                        "Rosa",
                        "Sami",
                        "Tove",
                        "Ugo",
                        "Vera",
                        "Wim",
                        "Xenia",
                        "Yara",
                        "Zeno",
                        "Alma",
                    ),
                    links=(ANTON.link, BEA.link, CEM.link, DORA.link),
                    within_ms=1000,
                ),
            ),
        ),
        Act(
            "Lights out",
            "The bot is killed. While it is down, one joins and one leaves.",
            (KillBot(), Join("Bruno", CEM), Leave("Greta"), StartBot()),
        ),
        Act(
            "Back again",
            "Finn leaves and returns by another link. Bea, who brought him, keeps him.",
            (Leave("Finn"), Join("Finn", ANTON)),
        ),
        Act(
            "Goodbye",
            "Hugo goes for good: one leave for Cem.",
            (Leave("Hugo"),),
        ),
    ),
)
