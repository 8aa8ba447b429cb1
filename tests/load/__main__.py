"""A class period, a district morning and a soak: python -m tests.load [period] [morning] [soak]

Against the real server in production, on SQLite or where DATABASE_URL names a PostgreSQL server
(python -m tests.postgres -- python -m tests.load) on a database of its own there. Seven minutes:
PERIOD, MORNING and SOAK set the seconds of each. SOAK=3600 is an hour at the pace of a class; a
shorter soak is as much quicker, up to five times. Writes docs/load.md where all three are run.

Ends with 1 where a request failed, an acknowledged answer is not stored exactly once, a class waits
for its answers, or the memory of a worker grows.
"""

import importlib.util
import os
import sys

if __name__ == "__main__":
    if os.name != "posix":
        sys.exit("This starts and stops servers as POSIX does: use Linux or macOS.")
    if importlib.util.find_spec("locust") is None:
        sys.exit("This needs locust: python -m pip install -r requirements/load.lock")
    from .run import main

    sys.exit(main(sys.argv[1:]))
