#!/usr/bin/env python
"""Django's command line. Commands start the embedded servers when they need them."""

import os
import sys


def main() -> None:
    """Run one command, with the embedded PostgreSQL and Valkey where no address is set."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

    from dashboard.services import ServiceError, embedded

    try:
        with embedded():
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except ServiceError as error:
        sys.exit(f"thuocdo: {error}")


if __name__ == "__main__":
    main()
