"""The process that reads an SDMX message: `python -m targets.sources.adapters.sdmx_child`.

Its arguments are the file of the message and, where it was asked for, that of the structure. It
bounds its own memory and time before it looks at the first byte and answers in lines of JSON: the
columns and when the message was prepared, then the rows; or the outcome and detail of a failure.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

from targets.sources.adapters.sdmx_messages import Message, UnreadError

MEMORY = 1024**3
CPU_SECONDS = 150
MOST_ANSWERED = 1024**3
_PREFIX = 64


def main(paths: list[Path]) -> None:
    """Answer on standard output, which is a file."""
    for what, bound in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MOST_ANSWERED),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (bound, bound))
    try:
        message = _read(*paths)
        columns = message.columns()
        _say({"columns": columns, "prepared": message.prepared})
        for row in message.rows(columns):
            _say(row)
    except UnreadError as failure:
        _instead({"outcome": failure.outcome, "detail": failure.detail})
    except (MemoryError, RecursionError):
        _instead({"outcome": "too-large", "detail": {"reason": "memory"}})
    except Exception as error:
        # Of whatever kind: a message that was not foreseen, and nothing else is in this process.
        said = f"{type(error).__name__}: {error}"[:200]
        _instead({"outcome": "unreadable", "detail": {"reason": "sdmx", "message": said}})


def _read(data: Path, structure: Path | None = None) -> Message:
    with data.open("rb") as stream:
        start = stream.read(_PREFIX).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t")
    if not start:
        raise UnreadError("unreadable", reason="empty")
    if start.startswith((b"{", b"[")):
        from targets.sources.adapters.sdmx_json import read_json

        return read_json(data.read_bytes())
    # Brings pandas and lxml, which JSON does without.
    from targets.sources.adapters.sdmx_xml import read_xml

    return read_xml(data, structure)


def _say(line: Any) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=True, separators=(",", ":")))
    sys.stdout.write("\n")


def _instead(line: dict[str, Any]) -> None:
    """Take back what was said."""
    sys.stdout.flush()
    sys.stdout.seek(0)
    sys.stdout.truncate()
    _say(line)


if __name__ == "__main__":
    main([Path(path) for path in sys.argv[1:]])
