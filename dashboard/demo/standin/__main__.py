"""`python -m dashboard.demo.standin`: serve until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from dashboard.demo.standin.server import HOST, StandIn


def main() -> None:
    """Listen, tell where in a file (whole or not at all), serve."""
    parser = argparse.ArgumentParser(prog="standin", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--announce", type=Path, help="file that gets the address")
    parser.add_argument("--control", action="store_true", help="let POST /control change things")
    parser.add_argument(
        "--state",
        type=json.loads,
        action="append",
        default=[],
        help="a control message as JSON, taken before anybody asks; may be repeated",
    )
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with StandIn(given.port, controlled=given.control) as server:
        for message in given.state:
            server.states.change(message)
        address = f"http://{HOST}:{server.server_port}"
        if given.announce:
            written = given.announce.with_suffix(".new")
            written.write_text(address)
            written.replace(given.announce)
        print(address, flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
