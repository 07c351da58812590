"""The benchmark: `make bench`, or `python -m tests.bench`. What it measures, and what it does not:

- **Ingest.** JSON frames of MESSAGE_CREATE as Discord sends them, handed to discord.py's own
  `DiscordWebSocket.received_message`, which decodes and dispatches them. Every way takes the same frames, pinned to one
  core, each run in a process of its own, in turns; the ratios are medians of each round's. For ours and the usual way the
  clock stops when everything is committed; for ours, records and rollups are counted then. Not measured: the socket, TLS
  and decompression, which are the same for all.
- **5 million events of one server**, stored by the statements that the recorder uses: messages, deletions, joins, sessions
  in voice and of activities, of 20,000 people with habits. Then asked what the commands and charts ask, each the median of
  some repetitions, the slowest of its family counting.
- **Retention** of one day of it, while the recorder is flushed again and again.
- **Durability.** Messages come over a real websocket from a local Discord in another process at a fixed pace, whether or not
  the bot keeps up. The time runs from the sending, which the message's id holds, until the commit that contains it.
- **The HTTP API beside it.** Messages come at 2,000 a second, the same way. In turns nobody asks anything, and a client in a
  third process sends 200 requests a second on sixteen connections, as they fall due, whether or not answers come: settings,
  pages of statistics of several sizes, invites, counters. The cost is how much later the slowest hundredth of messages is
  durable then; the median of the pairs counts.

Every figure is of one machine and one run, and other programs that run meanwhile make them worse; only ratios of one run can
be compared between machines.
"""
