"""People with roles, and browsers in which they are signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.accounts import vouch_for_address
from targets.models import Membership, Organisation, Role, SystemRole
from targets.models.accounts import SYSTEM_ROLES
from tests.factory import make

PASSWORD = "mat-khau-dai-1"

Person = Callable[..., User]


@pytest.fixture
def person(db: None) -> Person:
    """Make a person with these roles; those in an organisation are in one of their own."""

    def make_person(*roles: Role, username: str = "can-bo") -> User:
        user = User.objects.create_user(username, f"{username}@bo.example", PASSWORD)
        vouch_for_address(user)
        for role in roles:
            if role in SYSTEM_ROLES:
                make(SystemRole, user=user, role=role)
            else:
                make(Membership, user=user, role=role, organisation=make(Organisation))
        return user

    return make_person


def sign_in(client: Client, user: User) -> None:
    """As people do: by the form."""
    answer = client.post(
        "/tai-khoan/login/", {"login": user.username, "password": PASSWORD}, follow=True
    )
    assert answer.status_code == 200


def confirm(client: Client) -> None:
    """Give the password again, as changes of the account ask."""
    client.post("/tai-khoan/reauthenticate/", {"password": PASSWORD})
