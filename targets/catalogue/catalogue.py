"""The catalogue as read: every file's rows, and the folder layout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel

from targets.catalogue import rows
from targets.catalogue.reading import Place, Placed, Problems, R, read_csv, read_yaml


@dataclass(frozen=True)
class OfDocument(Placed[R]):
    """A row of a file that is named after its document."""

    document: str


@dataclass
class Catalogue:
    """All rows of a catalogue folder, in file order."""

    pillars: list[Placed[rows.PillarRow]] = field(default_factory=list)
    units: list[Placed[rows.UnitRow]] = field(default_factory=list)
    methods: list[Placed[rows.MethodRow]] = field(default_factory=list)
    documents: list[Placed[rows.DocumentRow]] = field(default_factory=list)
    organisations: list[Placed[rows.OrganisationRow]] = field(default_factory=list)
    organisation_names: list[Placed[rows.OrganisationNameRow]] = field(default_factory=list)
    organisation_codes: list[Placed[rows.OrganisationCodeRow]] = field(default_factory=list)
    successions: list[Placed[rows.SuccessionRow]] = field(default_factory=list)
    tiles: list[Placed[rows.TileRow]] = field(default_factory=list)
    indicators: list[Placed[rows.IndicatorRow]] = field(default_factory=list)
    series: list[Placed[rows.SeriesRow]] = field(default_factory=list)
    context: list[Placed[rows.ContextRow]] = field(default_factory=list)
    provisions: list[OfDocument[rows.ProvisionRow]] = field(default_factory=list)
    targets: list[OfDocument[rows.TargetRow]] = field(default_factory=list)
    assignments: list[OfDocument[rows.AssignmentRow]] = field(default_factory=list)
    tasks: list[Placed[rows.TaskRow]] = field(default_factory=list)
    task_roles: list[Placed[rows.TaskRoleRow]] = field(default_factory=list)
    duties: list[Placed[rows.DutyRow]] = field(default_factory=list)
    validation_rules: list[Placed[rows.ValidationRuleRow]] = field(default_factory=list)
    data_sources: list[Placed[rows.DataSourceRow]] = field(default_factory=list)
    # Names of the lists above that are incomplete because a file of theirs could not be read.
    lost: set[str] = field(default_factory=set)


_SINGLE: dict[str, tuple[str, type[BaseModel]]] = {
    "pillars": ("pillars.yaml", rows.PillarRow),
    "units": ("units.yaml", rows.UnitRow),
    "methods": ("methods.yaml", rows.MethodRow),
    "documents": ("documents.yaml", rows.DocumentRow),
    "organisations": ("organisations.csv", rows.OrganisationRow),
    "organisation_names": ("organisation_names.csv", rows.OrganisationNameRow),
    "organisation_codes": ("organisation_codes.csv", rows.OrganisationCodeRow),
    "successions": ("successions.csv", rows.SuccessionRow),
    "tiles": ("tiles.csv", rows.TileRow),
    "indicators": ("indicators.csv", rows.IndicatorRow),
    "series": ("series.csv", rows.SeriesRow),
    "context": ("context.csv", rows.ContextRow),
    "tasks": ("tasks.csv", rows.TaskRow),
    "task_roles": ("task_roles.csv", rows.TaskRoleRow),
    "duties": ("reporting_duties.yaml", rows.DutyRow),
    "validation_rules": ("validation_rules.yaml", rows.ValidationRuleRow),
    "data_sources": ("data_sources.yaml", rows.DataSourceRow),
}
_PER_DOCUMENT: dict[str, type[BaseModel]] = {
    "provisions": rows.ProvisionRow,
    "targets": rows.TargetRow,
    "assignments": rows.AssignmentRow,
}

assert {*_SINGLE, *_PER_DOCUMENT, "lost"} == {  # noqa: S101 (at import, about this module)
    item.name for item in fields(Catalogue)
}


def read_catalogue(folder: Path, problems: Problems) -> Catalogue:
    """Every file of the folder; what cannot be read or typed is a problem, the rest is returned."""
    catalogue = Catalogue()
    for name, (file, model) in _SINGLE.items():
        path = folder / file
        read: Callable[..., list[Any]] = read_yaml if path.suffix == ".yaml" else read_csv
        if path.is_file():
            setattr(catalogue, name, read(path, file, model, problems))
        else:
            problems.lose(Place(file, 1), _("thiếu tệp này trong danh mục"))
        if file in problems.lost:
            catalogue.lost.add(name)
    for name, model in _PER_DOCUMENT.items():
        paths = sorted((folder / name).glob("*.csv"))
        if not paths:
            problems.lose(Place(name, 1), _("thư mục này thiếu hoặc không có tệp .csv nào"))
        for path in paths:
            placed = read_csv(path, f"{name}/{path.name}", model, problems)
            getattr(catalogue, name).extend(
                OfDocument(item.row, item.place, path.stem) for item in placed
            )
        if any(file.partition("/")[0] == name for file in problems.lost):
            catalogue.lost.add(name)
    return catalogue
