"""Secrets of sources: in the environment only, named there by `DataSource.credential_name`.

For the name `lgsp-mic` the environment has `SOURCE_SECRET_LGSP_MIC`, or the file that holds it in
`SOURCE_SECRET_LGSP_MIC_FILE`; for a client certificate either is the path of a PEM file with the
certificate and its key. `SOURCE_HEADER_LGSP_MIC` is the header of an API key, X-API-Key if unset.
They are read when they are needed, so that a renewed one holds from the next run on. No error says
more than the name.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from targets.models import DataSource
from targets.sources.contract import Outcome, SourceError

_VISIBLE = re.compile(r"[\x21-\x7e]+")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # of a header's name
_API_KEY_HEADER = "X-API-Key"


def headers_of(source: DataSource) -> dict[str, str]:
    """The headers that let us in; SourceError `credential` if the environment lacks the secret."""
    match source.credential:
        case DataSource.Credential.BEARER:
            return {"Authorization": f"Bearer {_secret(source)}"}
        case DataSource.Credential.API_KEY:
            header = os.environ.get(f"SOURCE_HEADER_{_suffix(source)}", "").strip()
            if header and not _TOKEN.fullmatch(header):
                raise _unusable(source, "header")
            return {header or _API_KEY_HEADER: _secret(source)}
    return {}


def certificate_of(source: DataSource) -> Path | None:
    """The PEM file of the client certificate, None where the source wants none."""
    if source.credential != DataSource.Credential.CERTIFICATE:
        return None
    variable = f"SOURCE_SECRET_{_suffix(source)}"
    path = os.environ.get(variable, "").strip() or os.environ.get(f"{variable}_FILE", "").strip()
    if not path:
        raise _unusable(source, "missing")
    if not Path(path).is_file():
        raise _unusable(source, "file")
    return Path(path)


def _secret(source: DataSource) -> str:
    variable = f"SOURCE_SECRET_{_suffix(source)}"
    secret = os.environ.get(variable, "").strip()
    file = os.environ.get(f"{variable}_FILE", "").strip()
    if not secret and file:
        try:
            secret = Path(file).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise _unusable(source, "file") from None
    if not secret:
        raise _unusable(source, "missing")
    # Checked here: what cannot be a header would be quoted in the error of whoever finds out.
    if not _VISIBLE.fullmatch(secret):
        raise _unusable(source, "form")
    return secret


def _suffix(source: DataSource) -> str:
    return source.credential_name.upper().replace("-", "_")


def _unusable(source: DataSource, reason: str) -> SourceError:
    return SourceError(Outcome.CREDENTIAL, name=source.credential_name, reason=reason)
