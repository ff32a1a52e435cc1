"""The user that the servers run as, and files which that user can reach.

PostgreSQL refuses to run as root. A root user's clone often lies below a directory that only
root may enter (a home of mode 0700), and the permissions of directories that are not ours stay
as they are. So, for root: a system user runs the servers, and where that user cannot reach the
clone, the data and a copy of the server programs live in a directory of their own outside of it,
to which a link in ``var/`` points.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dashboard.services.errors import ServiceError

SYSTEM_USER = "thuocdo"
OUTSIDE = "outside"
_OUTSIDE_PARENTS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108


@dataclass(frozen=True)
class Account:
    """A user of the operating system, by number."""

    name: str
    uid: int
    gid: int


def server_account(existing: Path) -> Account | None:
    """The user to run a server as; None for the present one.

    Root runs a server as the owner of its ``existing`` data (made before by a normal user), or
    as a system user, which is made when missing.
    """
    if os.geteuid() != 0:
        return None
    if existing.exists() and existing.stat().st_uid != 0:
        return _account(pwd.getpwuid(existing.stat().st_uid))
    try:
        return _account(pwd.getpwnam(SYSTEM_USER))
    except KeyError:
        return _make_user()


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _make_user() -> Account:
    program = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        raise ServiceError(
            "PostgreSQL does not run as root, and there is no useradd to make a system user: "
            "run the command as a normal user, or set DATABASE_URL and REDIS_URL"
        )
    made = subprocess.run(
        [
            program,
            "--system",
            "--user-group",
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            "/usr/sbin/nologin",
            SYSTEM_USER,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return _account(pwd.getpwnam(SYSTEM_USER))  # made here, or by another process just now
    except KeyError:
        raise ServiceError(
            f"could not make the system user {SYSTEM_USER}: {made.stderr.strip()}"
        ) from None


def reachable(path: Path, account: Account) -> bool:
    """Whether the account may enter this directory, through all that lead to it."""
    asked = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$1" && test -r "$1"', "sh", str(path)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return asked.returncode == 0


def ground(home: Path, account: Account | None) -> Path:
    """The directory for what the account must reach: ``home``, or one outside that it links."""
    link = home / OUTSIDE
    if link.is_symlink():
        return link.resolve()
    if account is None or reachable(home, account):
        return home
    for parent in _OUTSIDE_PARENTS:
        if reachable(parent, account) and os.access(parent, os.W_OK):
            made = Path(tempfile.mkdtemp(prefix="thuocdo-", dir=parent))
            made.chmod(0o755)
            link.symlink_to(made)
            return made
    raise ServiceError(
        f"the user {account.name}, who runs the servers for root, can reach neither {home} nor "
        f"{' nor '.join(map(str, _OUTSIDE_PARENTS))}: run as a normal user, "
        "or set DATABASE_URL and REDIS_URL"
    )


def own_directory(path: Path, account: Account | None) -> None:
    """A directory that only the account may enter, made when missing."""
    if path.exists():
        return
    path.mkdir(mode=0o700)
    if account is not None:
        os.chown(path, account.uid, account.gid)


def remove(home: Path) -> None:
    """Delete a server's data, also what lies outside of ``home``."""
    link = home / OUTSIDE
    if link.is_symlink() and link.resolve().is_dir():
        shutil.rmtree(link.resolve())
    if home.exists():
        shutil.rmtree(home)
