#!/usr/bin/env python
"""Django's command line. Commands start the embedded servers when they need them."""

import os
import signal
import sys
from contextlib import nullcontext


def main() -> None:
    """Run one command, with the embedded PostgreSQL and Valkey where no address is set."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    words = sys.argv[1:3]
    if words[:1] == ["demo"]:
        os.environ.setdefault("THUOCDO_ENV", "demo")
    if words[:1] == ["demo"] or words == ["services", "run"]:
        # They run until they are told to end, and clean up then, also where a shell started
        # them in the background, with Ctrl-C's signal ignored.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)

    from dashboard.services import ServiceError, embedded

    # These tell of the servers or remove them, which starting them first would defeat, or judge a
    # file without any.
    needless = words in (["services", "status"], ["services", "erase"]) or words[:1] == ["assess"]
    try:
        with nullcontext() if needless else embedded():
            from django.core.management import execute_from_command_line

            from targets.trail import acting

            with acting(origin=" ".join(["command", *words[:1]])):
                execute_from_command_line(sys.argv)
    except ServiceError as error:
        sys.exit(f"thuocdo: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
