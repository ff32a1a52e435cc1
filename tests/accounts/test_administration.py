"""The administration of accounts: who gets in, and what they cannot do."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.test import Client

from targets.models import Membership, Organisation, OrganisationName, Role, RolePolicy, SystemRole
from tests.accounts.conftest import PASSWORD, Person, sign_in
from tests.factory import make
from tests.pages.reading import words

ADMIN = "/quan-tri/"
ROLES = {
    "memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0",
    "system_roles-TOTAL_FORMS": "0", "system_roles-INITIAL_FORMS": "0",
}  # fmt: skip


@pytest.fixture
def administrator(client: Client, person: Person) -> User:
    user = person(Role.ADMINISTRATOR, username="quan-tri")
    sign_in(client, user)
    return user


def change(user: User, **answers: str) -> tuple[str, dict[str, str]]:
    """The address and the form by which an account is changed."""
    form = {"username": user.username, "email": user.email, "is_active": "on", **ROLES, **answers}
    return f"{ADMIN}auth/user/{user.pk}/change/", form


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_others_are_refused(client: Client, person: Person, role: Role) -> None:
    sign_in(client, person(role))
    for path in ("", "auth/user/", "targets/rolepolicy/", "login/"):
        answer = client.get(ADMIN + path)
        assert answer.status_code == 403
        assert "nhờ người quản trị" in words(answer.content.decode())


def test_nobody_signs_in_there_past_the_second_factor(client: Client, db: None) -> None:
    answer = client.get(f"{ADMIN}auth/user/", follow=True)
    assert answer.redirect_chain[-1][0] == "/tai-khoan/login/?next=%2Fquan-tri%2Fauth%2Fuser%2F"
    User.objects.create_superuser("goc", password=PASSWORD)
    client.post(f"{ADMIN}login/", {"username": "goc", "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_a_flag_of_django_opens_nothing(client: Client, person: Person) -> None:
    user = person()
    user.is_staff = True
    user.save()
    sign_in(client, user)
    assert client.get(ADMIN).status_code == 403


def test_its_ways_out_lead_to_ours(client: Client, administrator: User) -> None:
    assert client.get(f"{ADMIN}login/").headers["Location"] == ADMIN
    assert client.post(f"{ADMIN}logout/").headers["Location"] == "/tai-khoan/logout/"
    for path in ("password_change/", "password_change/done/"):
        assert client.get(ADMIN + path).headers["Location"] == "/tai-khoan/password/change/"


def test_the_list_names_people_and_roles_in_vietnamese(
    client: Client, administrator: User, person: Person
) -> None:
    organisation = make(Organisation)
    make(OrganisationName, organisation=organisation, short_vi="Bộ Gì Đó")
    make(Membership, user=person(), organisation=organisation, role="approver")
    page = words(client.get(f"{ADMIN}auth/user/").content.decode())
    assert "can-bo" in page
    assert "Người phê duyệt · Bộ Gì Đó" in page
    assert "Quản trị" in page


def test_a_new_account_can_be_opened_at_an_identity_provider(
    client: Client, administrator: User
) -> None:
    answers = {
        "username": "moi", "email": "Moi@bo.example", "usable_password": "true",
        "password1": "mat-khau-dai-9", "password2": "mat-khau-dai-9",
    }  # fmt: skip
    client.post(f"{ADMIN}auth/user/add/", answers)
    made = User.objects.get(username="moi")
    assert not (made.is_staff)
    assert not (made.is_superuser)
    address = EmailAddress.objects.get(user=made)
    assert (address.email, address.verified, address.primary) == ("moi@bo.example", True, True)


def test_a_corrected_address_replaces_the_one_that_opened_the_account(
    client: Client, administrator: User, person: Person
) -> None:
    user = person()
    address, form = change(user, email="dung@bo.example")
    assert client.post(address, form).status_code == 302
    assert [held.email for held in EmailAddress.objects.filter(user=user)] == ["dung@bo.example"]


def test_an_address_belongs_to_one_account(
    client: Client, administrator: User, person: Person
) -> None:
    address, form = change(person(), email="QUAN-TRI@bo.example")
    answer = client.post(address, form)
    assert "Một tài khoản khác đã dùng địa chỉ này." in words(answer.content.decode())


def test_roles_are_given_and_taken(client: Client, administrator: User, person: Person) -> None:
    user, organisation = person(), make(Organisation)
    address, form = change(
        user,
        **{
            "memberships-TOTAL_FORMS": "1",
            "memberships-0-organisation": str(organisation.pk),
            "memberships-0-role": "reporter",
            "memberships-0-user": str(user.pk),
            "system_roles-TOTAL_FORMS": "1",
            "system_roles-0-role": "auditor",
            "system_roles-0-user": str(user.pk),
        },
    )
    assert client.post(address, form).status_code == 302
    held = user.memberships.get()
    assert (held.organisation, held.role) == (organisation, "reporter")
    assert user.system_roles.get().role == "auditor"
    address, form = change(
        user,
        **{
            "memberships-TOTAL_FORMS": "1",
            "memberships-INITIAL_FORMS": "1",
            "memberships-0-id": str(held.pk),
            "memberships-0-user": str(user.pk),
            "memberships-0-organisation": str(organisation.pk),
            "memberships-0-role": "reporter",
            "memberships-0-DELETE": "on",
        },
    )
    assert client.post(address, form).status_code == 302
    assert not user.memberships.exists()


def test_nobody_gives_a_role_to_themselves(client: Client, administrator: User) -> None:
    address, form = change(
        administrator,
        **{
            "system_roles-TOTAL_FORMS": "1",
            "system_roles-0-role": "coordinator",
            "system_roles-0-user": str(administrator.pk),
            "memberships-TOTAL_FORMS": "1",
            "memberships-0-organisation": str(make(Organisation).pk),
            "memberships-0-role": "approver",
            "memberships-0-user": str(administrator.pk),
        },
    )
    client.post(address, form)
    assert [role.role for role in administrator.system_roles.all()] == ["administrator"]
    assert not administrator.memberships.exists()


def test_nobody_is_made_a_superuser_there(
    client: Client, administrator: User, person: Person
) -> None:
    user = person()
    address, form = change(user, is_superuser="on", is_staff="on")
    client.post(address, form)
    user.refresh_from_db()
    assert not (user.is_superuser)
    assert not (user.is_staff)


def test_a_superuser_is_out_of_reach(client: Client, administrator: User) -> None:
    superuser = User.objects.create_superuser("goc", password=PASSWORD)
    address, form = change(superuser, email="khac@bo.example")
    assert client.post(address, form).status_code == 403
    password = {"password1": "mat-khau-dai-9", "password2": "mat-khau-dai-9"}
    assert client.post(f"{ADMIN}auth/user/{superuser.pk}/password/", password).status_code == 403


def test_a_superuser_gives_the_first_roles_also_their_own(client: Client, db: None) -> None:
    superuser = User.objects.create_superuser("goc", "goc@bo.example", PASSWORD)
    sign_in(client, superuser)
    address, form = change(
        superuser,
        **{
            "system_roles-TOTAL_FORMS": "1",
            "system_roles-0-role": "administrator",
            "system_roles-0-user": str(superuser.pk),
        },
    )
    assert client.post(address, form).status_code == 302
    assert SystemRole.objects.filter(user=superuser, role="administrator").exists()


def test_accounts_are_closed_and_not_deleted(
    client: Client, administrator: User, person: Person
) -> None:
    user = person(Role.REPORTER)
    assert client.post(f"{ADMIN}auth/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403
    theirs = Client()
    sign_in(theirs, user)
    address, form = change(user)
    del form["is_active"]
    held = user.memberships.get()
    form |= {
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": str(held.pk),
        "memberships-0-user": str(user.pk),
        "memberships-0-organisation": str(held.organisation_id),
        "memberships-0-role": "reporter",
    }
    assert client.post(address, form).status_code == 302
    assert "/tai-khoan/login/" in theirs.get("/tai-khoan/sessions/").headers["Location"]


def test_a_lost_second_factor_is_taken_away_with_the_sessions(
    client: Client, administrator: User, person: Person
) -> None:
    user = person()
    sign_in(Client(), user)
    Authenticator.objects.create(user=user, type="totp", data={})
    superuser = User.objects.create_superuser("goc", password=PASSWORD)
    Authenticator.objects.create(user=superuser, type="totp", data={})
    client.post(
        f"{ADMIN}auth/user/",
        {"action": "reset_second_factor", "_selected_action": [user.pk, superuser.pk]},
    )
    assert [left.user for left in Authenticator.objects.all()] == [superuser]
    assert not UserSession.objects.filter(user=user).exists()


def test_what_a_role_demands_is_edited(client: Client, administrator: User) -> None:
    client.post(f"{ADMIN}targets/rolepolicy/add/", {"role": "coordinator", "mfa_required": "on"})
    assert RolePolicy.objects.get().mfa_required
    assert "Điều phối" in words(client.get(f"{ADMIN}targets/rolepolicy/").content.decode())
