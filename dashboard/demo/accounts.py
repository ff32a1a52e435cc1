"""One invented account for each role, for demonstrations on loopback only."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.db import transaction


@dataclass(frozen=True)
class Role:
    """A group of Django, and the person who stands for it in a demonstration."""

    code: str
    family_name: str
    given_name: str


ROLES = (
    Role("coordinator", "Nguyễn", "Điều Phối"),
    Role("leadership", "Trần", "Lãnh Đạo"),
    Role("administrator", "Lê", "Quản Trị"),
    Role("auditor", "Phạm", "Kiểm Toán"),
    Role("reporter", "Hoàng", "Báo Cáo"),
    Role("approver", "Vũ", "Phê Duyệt"),
    Role("viewer", "Đặng", "Theo Dõi"),
)


@transaction.atomic
def create_accounts(*, password: str) -> list[User]:
    """Make the groups and one account for each, named as its role; all have this password."""
    encoded = make_password(password)  # once: it is slow by design
    users = []
    for role in ROLES:
        group, _ = Group.objects.get_or_create(name=role.code)
        user, _ = User.objects.get_or_create(
            username=role.code,
            defaults={
                "first_name": role.given_name,
                "last_name": role.family_name,
                "email": f"{role.code}@thuocdo.test",
            },
        )
        user.is_staff = user.is_superuser = role.code == "administrator"
        user.password = encoded
        user.save()
        user.groups.add(group)
        users.append(user)
    return users


def demo_password(file: Path) -> str:
    """The password of this demonstration, made at random on first use and kept."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(secrets.token_urlsafe(9))
    return file.read_text(encoding="ascii")
