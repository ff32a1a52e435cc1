"""Administration of accounts: who there is, in which roles, and what sign-in a role demands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from allauth.account.utils import filter_users_by_email
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy, ngettext

from dashboard.accounts import vouch_for_address
from dashboard.administration.site import ForAdministrators, administers, site
from dashboard.naming import short_names
from targets.models import Membership, Organisation, RolePolicy, SystemRole

if TYPE_CHECKING:
    _Inline = admin.TabularInline[Any, User]
    _UserAdmin = UserAdmin[User]
    _PolicyAdmin = admin.ModelAdmin[RolePolicy]
    _UserForm = UserChangeForm[User]
    _OrganisationField = forms.ModelChoiceField[Organisation]
else:  # Django's classes take no parameters when it runs
    _Inline, _UserAdmin = admin.TabularInline, UserAdmin
    _PolicyAdmin, _OrganisationField = admin.ModelAdmin, forms.ModelChoiceField
    _UserForm = UserChangeForm

_REPORTING_KINDS: Final = ("ministry", "agency", "province", "party", "other")


class OrganisationChoice(_OrganisationField):
    """Organisations by the names that people know them by; groups of them have no members."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=Organisation.objects.filter(kind__in=_REPORTING_KINDS),
            label=gettext_lazy("Cơ quan"),
            **kwargs,
        )

    def label_from_instance(self, obj: Organisation) -> str:
        """As in lists of the site; one that has ended says so."""
        name = short_names([obj.pk])[obj.pk] or obj.code
        return gettext("{name} (đã kết thúc)").format(name=name) if obj.valid_to else name


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]
    """One role of the person."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].label = gettext("Vai trò")


class MembershipForm(RoleForm):
    """A role in an organisation."""

    organisation = OrganisationChoice()

    class Meta:
        model = Membership
        fields = ("organisation", "role")


class RolesInline(ForAdministrators, _Inline):
    """Roles of one person: nobody changes their own, that takes another administrator."""

    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Not to oneself."""
        return administers(request) and _is_another(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Not one's own."""
        return administers(request) and _is_another(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Not one's own."""
        return administers(request) and _is_another(request, obj)


def _is_another(request: HttpRequest, person: Model | None) -> bool:
    """Somebody else's account; a superuser, who gives the first roles, is bound by nothing."""
    return person is None or person.pk != request.user.pk or _is_superuser(request)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser)


class MembershipInline(RolesInline):
    """Roles in organisations."""

    model = Membership
    form = MembershipForm


class SystemRoleInline(RolesInline):
    """Roles for the whole."""

    model = SystemRole
    form = RoleForm


class PersonForm(_UserForm):
    """A person: the address is the administrator's word for who it is."""

    def clean_email(self) -> str:
        """One account an address."""
        address = str(self.cleaned_data["email"]).lower()
        others = filter_users_by_email(address) if address else []
        if any(other.pk != self.instance.pk for other in others):
            raise forms.ValidationError(gettext("Một tài khoản khác đã dùng địa chỉ này."))
        return address


@admin.register(User, site=site)
class PersonAdmin(ForAdministrators, _UserAdmin):
    """Accounts. They are closed, not deleted: the trail and the reports name them."""

    form = PersonForm
    inlines = (MembershipInline, SystemRoleInline)
    list_display = ("username", "full_name", "email", "roles", "second_factor", "is_active")
    list_filter = ("is_active", "system_roles__role", "memberships__role")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (gettext_lazy("Người dùng"), {"fields": ("last_name", "first_name", "email")}),
        (gettext_lazy("Tài khoản"), {"fields": ("is_active", "last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("username", "email", "usable_password", "password1", "password2")},
        ),
    )
    actions = ("reset_second_factor", "end_sessions")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A superuser's account is for superusers."""
        if isinstance(obj, User) and obj.is_superuser and not _is_superuser(request):
            return False
        return administers(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """With what the list shows of each."""
        people = super().get_queryset(request)
        return people.prefetch_related("memberships__organisation", "system_roles")

    def get_inlines(
        self, request: HttpRequest, obj: User | None
    ) -> list[type[InlineModelAdmin[Any, User]]]:
        """Roles are given to an account that is there."""
        return [] if obj is None else list(self.inlines)

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool
    ) -> None:
        """The address opens the account at identity providers from now on."""
        super().save_model(request, obj, form, change)
        if not change or "email" in form.changed_data:
            vouch_for_address(obj)

    @admin.display(description=gettext_lazy("Họ và tên"))
    def full_name(self, person: User) -> str:
        """As Vietnamese names go: the family's first."""
        return f"{person.last_name} {person.first_name}".strip()

    @admin.display(description=gettext_lazy("Vai trò"))
    def roles(self, person: User) -> str:
        """All roles in words."""
        held = list(person.memberships.all())
        names = short_names({membership.organisation_id for membership in held})
        return "; ".join(
            [role.get_role_display() for role in person.system_roles.all()]
            + [f"{role.get_role_display()} · {names[role.organisation_id]}" for role in held]
        )

    @admin.display(description=gettext_lazy("Hai bước"), boolean=True)
    def second_factor(self, person: User) -> bool:
        """Whether a second factor is set up."""
        return bool(Authenticator.objects.filter(user=person).exists())

    @admin.action(description=gettext_lazy("Bỏ xác thực hai bước (mất điện thoại, mất khoá)"))
    def reset_second_factor(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """They set it up anew when they sign in next, where a role demands it."""
        chosen = self._ordinary(request, people)
        Authenticator.objects.filter(user__in=chosen).delete()
        self._end(chosen)
        self._tell(request, len(chosen))

    @admin.action(description=gettext_lazy("Kết thúc mọi phiên đăng nhập"))
    def end_sessions(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """They must sign in again everywhere."""
        chosen = self._ordinary(request, people)
        self._end(chosen)
        self._tell(request, len(chosen))

    def _ordinary(self, request: HttpRequest, people: QuerySet[User]) -> list[User]:
        return [person for person in people if self.has_change_permission(request, person)]

    def _end(self, people: list[User]) -> None:
        for session in UserSession.objects.filter(user__in=people):
            session.end()

    def _tell(self, request: HttpRequest, count: int) -> None:
        sentence = ngettext(
            "Đã làm cho %(count)s tài khoản.", "Đã làm cho %(count)s tài khoản.", count
        )
        messages.success(request, sentence % {"count": count})


@admin.register(RolePolicy, site=site)
class RolePolicyAdmin(ForAdministrators, _PolicyAdmin):
    """What a role demands of the sign-in of those who hold it."""

    list_display = ("role_name", "mfa_required")
    list_editable = ("mfa_required",)

    @admin.display(description=gettext_lazy("Vai trò"), ordering="role")
    def role_name(self, policy: RolePolicy) -> str:
        """In words."""
        return policy.get_role_display()
