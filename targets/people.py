"""What a person is called."""

from __future__ import annotations

from django.contrib.auth.models import User


def full_name(user: User) -> str:
    """Family name first, as Vietnamese names are written; the user name where none is known."""
    return f"{user.last_name} {user.first_name}".strip() or user.get_username()
