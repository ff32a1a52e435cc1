"""One invented account for each role, for demonstrations on loopback only."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction

from dashboard.accounts import vouch_for_address
from targets.models import Membership, Organisation, Role, SystemRole
from targets.trail import acting


@dataclass(frozen=True)
class Account:
    """A person who stands for a role in a demonstration; in an organisation, or for the whole."""

    username: str
    family_name: str
    given_name: str
    role: Role
    organisation: str = ""


MINISTRY, PROVINCE, OTHER_PROVINCE = "BKHCN", "ha-noi", "da-nang"

ACCOUNTS = (
    Account("coordinator", "Nguyễn", "Điều Phối", Role.COORDINATOR),
    Account("leadership", "Trần", "Lãnh Đạo", Role.LEADERSHIP),
    Account("administrator", "Lê", "Quản Trị", Role.ADMINISTRATOR),
    Account("auditor", "Phạm", "Kiểm Toán", Role.AUDITOR),
    Account("reporter", "Hoàng", "Báo Cáo", Role.REPORTER, MINISTRY),
    Account("approver", "Vũ", "Phê Duyệt", Role.APPROVER, MINISTRY),
    Account("viewer", "Đặng", "Theo Dõi", Role.VIEWER, MINISTRY),
    Account("reporter-ha-noi", "Bùi", "Báo Cáo", Role.REPORTER, PROVINCE),
    Account("approver-ha-noi", "Đỗ", "Phê Duyệt", Role.APPROVER, PROVINCE),
    Account("reporter-da-nang", "Ngô", "Báo Cáo", Role.REPORTER, OTHER_PROVINCE),
    Account("approver-da-nang", "Dương", "Phê Duyệt", Role.APPROVER, OTHER_PROVINCE),
)


@transaction.atomic
def create_accounts(*, password: str) -> list[User]:
    """Make the accounts with their one role each; all have this password. May be run again."""
    encoded = make_password(password)  # once: it is slow by design
    with acting(why="Tài khoản trình diễn", origin="command create_demo_accounts"):
        return [_create(account, encoded) for account in ACCOUNTS]


def _create(account: Account, encoded_password: str) -> User:
    user, _ = User.objects.update_or_create(
        username=account.username,
        defaults={
            "first_name": account.given_name,
            "last_name": account.family_name,
            "email": f"{account.username}@thuocdo.test",
            "password": encoded_password,
            "is_active": True,
            # The administrator is one by role and bypasses nothing.
            "is_staff": False,
            "is_superuser": False,
        },
    )
    vouch_for_address(user)
    user.memberships.all().delete()
    user.system_roles.all().delete()
    if account.organisation:
        organisation = Organisation.objects.get(code=account.organisation)
        Membership.objects.create(user=user, organisation=organisation, role=account.role)
    else:
        SystemRole.objects.create(user=user, role=account.role)
    return user


def demo_password(file: Path) -> str:
    """The password of this demonstration, made at random on first use and kept."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(secrets.token_urlsafe(9))
    return file.read_text(encoding="ascii")
