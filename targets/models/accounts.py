"""Who may do what: roles in an organisation, roles for the whole, and what sign-in they ask."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices, not_blank
from targets.models.organisations import Organisation


class Role(models.TextChoices):
    """All roles; the first three are held in an organisation, the others for the whole."""

    REPORTER = "reporter", _("Người báo cáo")
    APPROVER = "approver", _("Người phê duyệt")
    VIEWER = "viewer", _("Người xem")
    COORDINATOR = "coordinator", _("Điều phối")
    LEADERSHIP = "leadership", _("Lãnh đạo")
    ADMINISTRATOR = "administrator", _("Quản trị")
    AUDITOR = "auditor", _("Kiểm toán")


ORGANISATION_ROLES = (Role.REPORTER, Role.APPROVER, Role.VIEWER)
SYSTEM_ROLES = (Role.COORDINATOR, Role.LEADERSHIP, Role.ADMINISTRATOR, Role.AUDITOR)


@enforce_choices
class Membership(models.Model):
    """One person's role in one organisation."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.TextField(choices=[(role.value, role.label) for role in ORGANISATION_ROLES])

    class Meta:
        ordering = ("organisation", "role", "user")
        verbose_name = _("vai trò tại cơ quan")
        verbose_name_plural = _("vai trò tại cơ quan")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "organisation", "role"), name="membership_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.role} ({self.organisation})"


@enforce_choices
class SystemRole(models.Model):
    """One person's role for the whole of the system."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="system_roles"
    )
    role = models.TextField(choices=[(role.value, role.label) for role in SYSTEM_ROLES])

    class Meta:
        ordering = ("role", "user")
        verbose_name = _("vai trò toàn hệ thống")
        verbose_name_plural = _("vai trò toàn hệ thống")
        constraints = (models.UniqueConstraint(fields=("user", "role"), name="system_role_unique"),)

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"


@enforce_choices
class RolePolicy(models.Model):
    """What a role demands of those who hold it; a role without a row demands nothing."""

    role = models.TextField(choices=Role.choices, unique=True)
    mfa_required = models.BooleanField(_("bắt buộc xác thực hai lớp"), default=False)

    class Meta:
        ordering = ("role",)
        verbose_name = _("yêu cầu đăng nhập theo vai trò")
        verbose_name_plural = _("yêu cầu đăng nhập theo vai trò")

    def __str__(self) -> str:
        return self.role


class ApiToken(models.Model):
    """A key by which a program acts as a person; only its digest is kept.

    With an organisation it opens one thing only: to post observations of these indicators for it.
    Without one it reads and fills the person's reports.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.TextField(help_text="What it is for, in its owner's words")
    digest = models.TextField(unique=True, help_text="SHA-256 of the token, hexadecimal")
    created_at = models.DateTimeField(db_default=models.functions.Now())
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="api_tokens"
    )
    indicators = ArrayField(
        models.SlugField(max_length=80), default=list, blank=True, help_text="Codes"
    )
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("user", "-created_at")
        constraints = (
            not_blank("name", "api_token_name_given"),
            models.CheckConstraint(
                condition=models.Q(organisation=None, indicators__len=0)
                | models.Q(organisation__isnull=False, indicators__len__gt=0),
                name="api_token_scope_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(digest__regex=r"^[0-9a-f]{64}$"), name="api_token_digest_form"
            ),
        )

    def __str__(self) -> str:
        return self.name
