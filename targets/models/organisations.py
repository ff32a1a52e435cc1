"""Who answers: ministries, agencies, provinces and others, with life spans and successors."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from documents.constraints import enforce_choices, in_order, not_blank
from targets import triggers

COUNTRY_CODE = "VN"


def validity() -> Func:
    """The closed range of days in which a row holds; an open end is NULL."""
    return Func(
        F("valid_from"),
        F("valid_to"),
        Value("[]"),
        function="daterange",
        output_field=models.Field(),
    )


@enforce_choices
class Organisation(models.Model):
    """A body that answers for something, from `valid_from` to `valid_to` (both inclusive).

    Its own `code` never changes hands; codes of other schemes do (24 was Bac Giang and is Bac
    Ninh), so they live in `OrganisationCode` with their dates.
    """

    class Kind(models.TextChoices):
        COUNTRY = "country", _("Cả nước")
        MINISTRY = "ministry", _("Bộ, cơ quan ngang bộ")
        AGENCY = "agency", _("Cơ quan khác")
        PROVINCE = "province", _("Tỉnh, thành phố")
        PARTY = "party", _("Cơ quan Đảng")
        GROUP = "group", _("Nhóm cơ quan")
        OTHER = "other", _("Tổ chức khác")

    code = models.TextField(unique=True)
    kind = models.TextField(choices=Kind.choices)
    valid_from = models.DateField(null=True, blank=True, help_text="Empty: before our records")
    valid_to = models.DateField(null=True, blank=True, help_text="Last day; empty: still exists")
    position = models.PositiveIntegerField(default=0, help_text="Protocol order in lists")
    unverified = models.BooleanField(default=False, help_text="Some fact still needs checking")
    note_vi = models.TextField(blank=True)
    note_en = models.TextField(blank=True)

    class Meta:
        ordering = ("position", "code")
        verbose_name = _("cơ quan")
        verbose_name_plural = _("cơ quan")
        constraints = (
            not_blank("code", "organisation_code_given"),
            in_order("valid_from", "valid_to", "organisation_life_in_order"),
        )
        triggers = triggers.kept_by_observations("organisation_id")

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        route = "province" if self.kind == self.Kind.PROVINCE else "organisation"
        return reverse(route, args=[self.code])


@enforce_choices
class OrganisationName(models.Model):
    """What an organisation was called in a period: names and types change, the body stays."""

    class UnitType(models.TextChoices):
        CITY = "city", _("Thành phố")
        PROVINCE = "province", _("Tỉnh")

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="names")
    name_vi = models.TextField()
    name_en = models.TextField()
    full_vi = models.TextField(blank=True)
    full_en = models.TextField(blank=True)
    short_vi = models.TextField()
    short_en = models.TextField()
    unit_type = models.TextField(
        choices=UnitType.choices, blank=True, help_text="Only for provinces"
    )
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    legal_basis = models.TextField(blank=True)

    class Meta:
        ordering = ("organisation", F("valid_from").asc(nulls_first=True))
        constraints = (
            not_blank("name_vi", "organisation_name_vi_given"),
            not_blank("name_en", "organisation_name_en_given"),
            in_order("valid_from", "valid_to", "organisation_name_in_order"),
            ExclusionConstraint(
                name="organisation_one_name_at_a_time",
                expressions=[
                    ("organisation", RangeOperators.EQUAL),
                    (validity(), RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return self.name_vi


class OrganisationCode(models.Model):
    """A code that another scheme gives an organisation for a period."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="codes")
    scheme = models.TextField()
    code = models.TextField()
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("scheme", "code", F("valid_from").asc(nulls_first=True))
        constraints = (
            not_blank("code", "organisation_scheme_code_given"),
            in_order("valid_from", "valid_to", "organisation_code_in_order"),
            ExclusionConstraint(
                name="organisation_code_means_one_at_a_time",
                expressions=[
                    ("scheme", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    (validity(), RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.scheme}:{self.code}"


@enforce_choices
class Succession(models.Model):
    """One function that went from one organisation to another on one day.

    Succession is many-to-many and goes by function: of the Ministry of Information and
    Communications, most went to Science and Technology, the press to Culture, network security to
    Public Security. The graph has no cycle (checked when the catalogue is loaded).
    """

    class Verification(models.TextChoices):
        VERIFIED = "verified", _("Đã kiểm chứng")
        SECONDARY = "secondary", _("Một nguồn thứ cấp")
        UNVERIFIED = "unverified", _("Cần kiểm chứng")

    predecessor = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="successions_out"
    )
    successor = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="successions_in"
    )
    effective_on = models.DateField()
    function = models.SlugField()
    function_vi = models.TextField()
    function_en = models.TextField()
    verification = models.TextField(choices=Verification.choices)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("effective_on", "predecessor", "function")
        constraints = (
            models.UniqueConstraint(
                fields=("predecessor", "successor", "function"), name="succession_unique"
            ),
            models.CheckConstraint(
                condition=~Q(predecessor=F("successor")), name="succession_between_two"
            ),
        )

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor} ({self.function})"


@enforce_choices
class MapTile(models.Model):
    """One square of the tile map of provinces; an archipelago is an inset of its province."""

    class Kind(models.TextChoices):
        PROVINCE = "province", _("Tỉnh, thành phố")
        ISLAND_INSET = "island_inset", _("Quần đảo")

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="tiles")
    row = models.PositiveSmallIntegerField()
    col = models.PositiveSmallIntegerField()
    abbr = models.TextField()
    kind = models.TextField(choices=Kind.choices)

    class Meta:
        ordering = ("row", "col")
        constraints = (models.UniqueConstraint(fields=("row", "col"), name="map_tile_unique"),)

    def __str__(self) -> str:
        return self.abbr
