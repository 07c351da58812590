"""Run the whole benchmark: `python -m tests.bench`."""

import logging
import sys
import tempfile
import traceback
from pathlib import Path

from tests.bench.goals import BenchError
from tests.bench.ingest import ROOT
from tests.bench.printing import Printer
from tests.bench.run import RESULTS, STANDARD, run_bench, write_results

ERROR = RESULTS.with_name("error.txt")
EXIT_FAILED = 1
EXIT_INTERRUPTED = 130


def main() -> int:
    """Run, show and write the results; return the exit code.

    0: everything was measured, whether or not the goals are met; 1: it was not; 130: interrupted.
    """
    logging.getLogger().addHandler(logging.NullHandler())
    printer = Printer()
    try:
        RESULTS.parent.mkdir(exist_ok=True)
        # Beside the results and not in /tmp, which is memory on many systems.
        with tempfile.TemporaryDirectory(dir=RESULTS.parent, prefix="run-") as folder:
            results = run_bench(Path(folder), STANDARD, printer.tell)
        write_results(RESULTS, results)
    except BenchError as error:
        printer.show_problem(str(error))
        return EXIT_FAILED
    except Exception as error:
        # For people a sentence; what a developer needs lies in the file.
        ERROR.write_text(traceback.format_exc(), encoding="utf-8")
        printer.show_problem(f"The benchmark failed ({type(error).__name__}): see {ERROR.relative_to(ROOT)}.")
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    printer.show(results)
    printer.show_file(RESULTS.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
