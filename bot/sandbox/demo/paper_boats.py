"""The story of the demo: a few days of a small server, in half a minute."""

from .story import (
    Act,
    AddBot,
    AskPoll,
    AskStatistics,
    AwaitCounters,
    AwaitSearch,
    Chat,
    Crowd,
    EnableTracker,
    EnterVoice,
    Join,
    JoinAtOnce,
    Leave,
    LeaveVoice,
    MakeBoard,
    MakeCounter,
    MakeLink,
    MakeLinkByCommand,
    PastLife,
    ShowStatus,
    Star,
    StarAndKillBot,
    StartBot,
    Story,
    ThroughDiscovery,
    ThroughLink,
    ThroughVanity,
    TurnOnMessages,
    Unstar,
    Vote,
    Write,
)

ANTON = ThroughLink("Anton's link")
BEA = ThroughLink("Bea's link")
CEM = ThroughLink("Cem's link")
CEM_ONCE = ThroughLink("Cem's one-time link")
DORA = ThroughLink("Dora's link")

HARBOUR, NIGHT_WATCH = "Harbour", "Night Watch"
PLAYING, LISTENING, WATCHING = 0, 2, 3
GAME = "Tidewater"

PAPER_BOATS = Story(
    server="Paper Boats",
    vanity_code="paperboats",
    admin="Mira",
    members=(
        "Anton",
        "Bea",
        "Cem",
        "Dora",
        "Edda",
        "Falk",
        "Gesa",
        "Henk",
        "Ilka",
        "Joost",
        "Lotte",
        "Marten",
    ),
    text_channels={"general": 5, "boat-building": 4, "races": 2.5, "off-topic": 2},
    voice_channels=(HARBOUR, NIGHT_WATCH),
    past=PastLife(
        days=30,
        timezone="Europe/Amsterdam",
        crowd=185,
        newcomers=52,
        leavers=14,
        activities=(
            (PLAYING, GAME, 6),
            (LISTENING, "Shanty Radio", 4),
            (PLAYING, "Lighthouse Keeper", 3),
            (PLAYING, "Chess", 2),
            (WATCHING, "The Regatta", 1.5),
            (PLAYING, "Knots and Ropes", 1),
        ),
    ),
    acts=(
        Act(
            "Mira sets things up",
            "Everything of the invite tracker is off until an admin turns it on.",
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
            "The two hundredth member",
            "Two voice channels that nobody can join: their names count.",
            (
                MakeCounter(),
                MakeCounter("Party in <value>", goal_ahead=1),
                Join("Elif", ANTON),
                AwaitCounters(),
            ),
        ),
        Act(
            "One at a time",
            "A quiet evening: each join raises one link's counter.",
            (Join("Finn", BEA), Join("Greta", ANTON)),
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
            "The bot does not guess who used which. It asks Discord's search a bit later.",
            (
                JoinAtOnce((Join("Leo", ANTON, decidable=False), Join("Maja", BEA, decidable=False))),
                AwaitSearch(),
            ),
        ),
        Act(
            "Out of nowhere",
            "Nils found the server by himself: no link, no counter, nobody to thank.",
            (Join("Nils", ThroughDiscovery(), decidable=False), AwaitSearch()),
        ),
        Act(
            "A short visit",
            "Silke is gone before the search knows her: how she came stays open.",
            (
                JoinAtOnce((Join("Rik", CEM, decidable=False), Join("Silke", BEA, decidable=False))),
                Leave("Silke"),
                AwaitSearch(),
            ),
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
            "Everybody talks",
            "Who wrote how much is counted; what they wrote is not kept.",
            (Chat(("Anton", "Bea", "Cem", "Dora", "Elif", "Finn", "Ines"), 60, edited=3, deleted=5),),
        ),
        Act(
            "Which boat sails on Sunday?",
            "A poll: Falk changes his mind, so one vote is taken back.",
            (
                AskPoll("sunday", "Dora", "Which boat sails on Sunday?", ("The swan", "The newspaper")),
                Vote("sunday", ("Anton", "Bea", "Falk"), "The swan"),
                Vote("sunday", ("Falk", "Lotte"), "The newspaper"),
            ),
        ),
        Act(
            "A starboard",
            "What three people star goes on the board. Five at once still make one post.",
            (
                MakeBoard(threshold=3),
                Write("maiden voyage", "Bea", "She floated for nine minutes. A record!"),
                Star("maiden voyage", ("Anton", "Cem", "Dora")),
                Write("shipwreck", "Henk", "Rule one: no paper boats in the bath of the cat."),
                Star("shipwreck", ("Anton", "Bea", "Edda", "Gesa", "Lotte")),
            ),
        ),
        Act(
            "A star is taken back",
            "With two stars the post goes; with the third it is there again, once.",
            (Unstar("maiden voyage", ("Dora",)), Star("maiden voyage", ("Ilka",))),
        ),
        Act(
            "An evening in voice",
            "Somebody comes, somebody moves, somebody goes. Statuses change, too.",
            (
                EnterVoice(("Anton", "Bea", "Dora"), HARBOUR),
                ShowStatus("Cem", "dnd", plays=GAME),
                EnterVoice(("Bea",), NIGHT_WATCH),
                ShowStatus("Edda", "idle"),
                LeaveVoice(("Anton",)),
            ),
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
            "The bot is killed with a post half made and two people in voice.",
            (
                Write("lantern", "Joost", "Paper lantern on a paper boat. What could go wrong?"),
                StarAndKillBot("lantern", ("Anton", "Bea", "Gesa")),
                Join("Bruno", CEM),
                Leave("Greta"),
                Star("lantern", ("Marten",)),
                StartBot(),
            ),
        ),
        Act(
            "Back again",
            "Finn leaves and returns by another link. Bea, who brought him, keeps him.",
            (Leave("Finn"), Join("Finn", ANTON)),
        ),
        Act(
            "Goodbye",
            "Hugo goes for good: one leave for Cem. Voice falls silent.",
            (Leave("Hugo"), LeaveVoice(("Bea", "Dora")), ShowStatus("Cem", "online")),
        ),
        Act(
            "What it comes to",
            "Mira asks. The answers hold the invented days and what you just saw.",
            (
                AskStatistics("serverstats overview", (("days", 7),)),
                AskStatistics("serverstats messages", (("days", 14),)),
                AskStatistics("serverstats voice", (("days", 14),)),
                AskStatistics("serverstats members", (("days", 30),)),
                AskStatistics("serverstats activities", (("days", 2),)),
                AskStatistics("serverstats top", (("days", 30),)),
            ),
        ),
    ),
)
