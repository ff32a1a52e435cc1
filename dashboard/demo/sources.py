"""Sources that read from the stand-in, so that a demonstration shows pulls without any network.

Each is called a stand-in in its name and marked as synthetic, and what it brings waits for the
coordinator: nothing made up counts in a verdict by itself. The figures that the stand-in has of
Việt Nam are the published ones and so change nothing, but for two that `BEGIN` makes differ; one
source is always answered with a page to sign in at, and its circuit opens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.db import transaction

from dashboard.services.server import HOST
from targets.models import DataSource, Series, SeriesMapping
from targets.sources.runs import scheduling
from targets.trail import acting

KEY = "demo"
#: How the stand-in's state differs from what is published, as a message to it.
BEGIN: Mapping[str, Any] = {
    "key": KEY,
    "values": {
        # A revision of a published figure, and one of a period that nobody published yet.
        "rd-gdp/worldbank": {"2021": "0.43105"},
        "dossiers-fully-online/most": {"2025-11": "41.2"},
    },
}
CREDENTIAL = "lgsp-mo-phong"
#: The secret's name in the environment of the processes that read, and of the stand-in.
READS_SECRET, GIVES_SECRET = "SOURCE_SECRET_LGSP_MO_PHONG", "STANDIN_SECRET"
_LICENCE = "Máy chủ mô phỏng trên máy này; không phải số liệu công bố của nguồn"


@dataclass(frozen=True)
class Read:
    """A series of ours (`indicator/series`) and which rows and which field of a source it is."""

    series: str
    where: Mapping[str, str] = field(default_factory=dict)
    value: str = "value"
    unit: str = ""


@dataclass(frozen=True)
class Description:
    """A source at the stand-in, by its path there."""

    slug: str
    name_vi: str
    name_en: str
    adapter: DataSource.Adapter
    path: str
    mapping: Mapping[str, Any]
    reads: tuple[Read, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    credential: DataSource.Credential = DataSource.Credential.NONE


_ALL_OF_VIETNAM = {"constant": "VN"}
_BY_ISO3 = {"codes": {"VNM": "VN"}}
_BANK = {
    "GB.XPD.RSDV.GD.ZS": "rd-gdp/worldbank",
    "IP.PAT.RESD": "patent-applications-residents/worldbank",
    "IP.PAT.NRES": "patent-applications-nonresidents/worldbank",
    "IP.JRN.ARTC.SC": "publications-se/worldbank",
}
_SDMX = {
    "SP_POP_SCIE_RD_P6": "researchers-per-million/worldbank",
    "TX_VAL_TECH_MF_ZS": "high-tech-exports-manufactured/worldbank",
}
_UNITED_NATIONS = {
    "E-Government Rank": "egdi-rank-world/un-desa",
    "E-Government Index": "egdi-score/un-desa",
    "Online Service Index": "egdi-osi/un-desa",
    "Human Capital Index": "egdi-hci/un-desa",
    "Telecommunication Infrastructure Index": "egdi-tii/un-desa",
}
_MINISTRY = {
    "Doanh nghiệp công nghệ số / Số doanh nghiệp": "digital-enterprises/mic-most",
    "Băng rộng / Hộ có cáp quang (%)": "fibre-subscribed-households/mic-most",
    "Băng rộng / Thuê bao điện thoại thông minh (triệu)": "smartphone-subscriptions/mic-most",
}
_PRODUCTIVITY = {
    "Năng suất lao động (triệu đồng/lao động)": "labour-productivity-level/gso",
    "Tốc độ tăng năng suất lao động (%)": "labour-productivity-growth/gso",
}

SOURCES = (
    Description(
        slug="mo-phong-ngan-hang-the-gioi",
        name_vi="Máy chủ mô phỏng: Ngân hàng Thế giới",
        name_en="Stand-in: World Bank",
        adapter=DataSource.Adapter.WORLD_BANK,
        path="/v2",
        options={"indicators": [*_BANK], "per_page": 25},
        mapping={"area": {"field": "countryiso3code", **_BY_ISO3}, "period": {"field": "date"}},
        reads=tuple(Read(ours, {"indicator.id": code}) for code, ours in _BANK.items()),
    ),
    Description(
        slug="mo-phong-sdmx",
        name_vi="Máy chủ mô phỏng: SDMX",
        name_en="Stand-in: SDMX",
        adapter=DataSource.Adapter.SDMX,
        path="/sdmx/rest",
        options={"dataflow": "WB,WDI,1.0", "key": f"A.{'+'.join(_SDMX)}.VNM"},
        mapping={
            "area": {"field": "REF_AREA", **_BY_ISO3},
            "period": {"field": "TIME_PERIOD", "form": "sdmx"},
        },
        reads=tuple(Read(ours, {"SERIES": code}) for code, ours in _SDMX.items()),
    ),
    Description(
        slug="mo-phong-px-web",
        name_vi="Máy chủ mô phỏng: PX-Web của cơ quan thống kê",
        name_en="Stand-in: the statistics office's PX-Web",
        adapter=DataSource.Adapter.PX_WEB,
        path="/api/v1/vi/Dân số và lao động/V02.55.px",
        options={"select": {"Địa phương": ["CẢ NƯỚC"]}},
        mapping={"area": _ALL_OF_VIETNAM, "period": {"field": "Năm"}},
        reads=tuple(Read(ours, {"Chỉ tiêu": label}) for label, ours in _PRODUCTIVITY.items()),
    ),
    Description(
        slug="mo-phong-lien-hop-quoc",
        name_vi="Máy chủ mô phỏng: tệp CSV Chính phủ điện tử của Liên hợp quốc",
        name_en="Stand-in: the United Nations' e-government CSV",
        adapter=DataSource.Adapter.TABLE,
        path="/egovkb/EGOV_DATA.csv",
        options={"columns": ["Survey Year", "Country Name", *_UNITED_NATIONS]},
        mapping={
            "area": {"field": "Country Name", "names": True, "only": ["VN"]},
            "period": {"field": "Survey Year"},
            "expect": {"rows": 1},
        },
        reads=tuple(Read(ours, value=column) for column, ours in _UNITED_NATIONS.items()),
    ),
    Description(
        slug="mo-phong-undp",
        name_vi="Máy chủ mô phỏng: tệp CSV phát triển con người của UNDP",
        name_en="Stand-in: UNDP's human development CSV",
        adapter=DataSource.Adapter.TABLE,
        path="/hdr/HDR23-24_Composite_indices_complete_time_series.csv",
        options={"wide": {"pattern": r"hdi_(?P<period>\d{4})", "keep": ["iso3"]}},
        mapping={
            "area": {"field": "iso3", **_BY_ISO3},
            "period": {"field": "period"},
            "vintage": {"constant": "HDR 2023-24"},
            "expect": {"periods": ["2022"]},
        },
        reads=(Read("hdi/undp"),),
    ),
    Description(
        slug="mo-phong-excel-bo",
        name_vi="Máy chủ mô phỏng: tệp Excel của bộ",
        name_en="Stand-in: a ministry's Excel file",
        adapter=DataSource.Adapter.TABLE,
        path="/bo-khcn/vien-thong.xlsx",
        options={"columns": ["Kỳ số liệu", *_MINISTRY], "header_rows": 2},
        mapping={"area": _ALL_OF_VIETNAM, "period": {"field": "Kỳ số liệu"}},
        reads=tuple(Read(ours, value=column) for column, ours in _MINISTRY.items()),
    ),
    Description(
        slug="mo-phong-lgsp",
        name_vi="Máy chủ mô phỏng: dịch vụ LGSP của bộ",
        name_en="Stand-in: a ministry's LGSP service",
        adapter=DataSource.Adapter.JSON,
        path="/lgsp/bo-khcn/chi-tieu",
        options={
            "rows": "duLieu.danhSach",
            "fields": {"ma": "maChiTieu", "ky": "kyDuLieu", "giaTri": "giaTri"},
            "page": {"parameter": "trang", "size_parameter": "kich_thuoc", "size": 4},
            "total": "duLieu.tongBanGhi",
            "published_on": "duLieu.ngayCapNhat",
        },
        mapping={"area": _ALL_OF_VIETNAM, "period": {"field": "ky"}, "decimal": ","},
        reads=(
            Read("dossiers-fully-online/most", {"ma": "HSTT-01"}, "giaTri"),
            Read("dossiers-fully-online-ministries/most", {"ma": "HSTT-02"}, "giaTri"),
            Read("dossiers-fully-online-provinces/most", {"ma": "HSTT-03"}, "giaTri"),
        ),
        credential=DataSource.Credential.BEARER,
    ),
    Description(
        slug="mo-phong-hong",
        name_vi="Máy chủ mô phỏng: nguồn hỏng, đòi đăng nhập",
        name_en="Stand-in: a broken source that wants a sign-in",
        adapter=DataSource.Adapter.TABLE,
        path="/fault/html/egovkb/EGOV_DATA_2024.csv",
        options={"columns": ["Year", "Country Name", "E-Participation Index"]},
        mapping={
            "area": {"field": "Country Name", "names": True, "only": ["VN"]},
            "period": {"field": "Year"},
        },
        reads=(Read("epi-score/un-desa", value="E-Participation Index"),),
    ),
)


def at(address: str, path: str, *, key: str = KEY) -> str:
    """Where the stand-in serves a path under a key; Vietnamese is encoded."""
    return f"{address}/for/{key}{quote(path)}"


@transaction.atomic
def make(
    descriptions: Iterable[Description],
    address: str,
    *,
    key: str = KEY,
    trust: DataSource.Trust = DataSource.Trust.REVIEW,
    every: int = 5,
) -> list[DataSource]:
    """The sources at this stand-in, on, read every so many minutes. May be run again."""
    with acting(why="Trình diễn", origin="command demo"):
        return [_make(one, at(address, one.path, key=key), trust, every) for one in descriptions]


def _make(one: Description, address: str, trust: DataSource.Trust, every: int) -> DataSource:
    source, _ = DataSource.objects.update_or_create(
        slug=one.slug,
        defaults={
            "name_vi": one.name_vi,
            "name_en": one.name_en,
            "adapter": one.adapter,
            "address": address,
            "options": dict(one.options),
            "mapping": dict(one.mapping),
            "schedule": f"*/{every} * * * *" if every > 1 else "* * * * *",
            "trust": trust,
            "licence": _LICENCE,
            "credential": one.credential,
            "credential_name": CREDENTIAL if one.credential else "",
            "enabled": True,
            "synthetic": True,
        },
    )
    for read in one.reads:
        indicator, _, code = read.series.partition("/")
        SeriesMapping.objects.update_or_create(
            data_source=source,
            series=Series.objects.get(indicator__code=indicator, code=code),
            defaults={
                "where": dict(read.where),
                "value_field": read.value,
                "unit": read.unit,
            },
        )
    scheduling.sync(source)
    return source


def are_ready(address: str) -> bool:
    """Whether all are there, at this address, and were read."""
    ready = DataSource.objects.filter(
        slug__in=[one.slug for one in SOURCES],
        address__startswith=f"{address}/",
        runs__isnull=False,
    )
    return ready.distinct().count() == len(SOURCES)


def read_first(sources: Iterable[DataSource]) -> Iterator[str]:
    """Read each that never was; one that fails again and again, until its circuit is open."""
    from targets.sources.runs import running
    from targets.sources.runs.circuit import FAILURES

    for source in sources:
        if source.runs.exists():
            continue
        for _ in range(FAILURES):
            run = running.run_source(source.pk)
            yield f"{source.slug}: {run.status} {run.outcome}".rstrip()
            if run.status != run.Status.FAILED:
                break


def environment(address: str, secret: str) -> dict[str, str]:
    """What the processes that read from the stand-in need; it is allowed there and nowhere else."""
    return {
        "PULL_HOSTS": address.removeprefix("http://"),
        "PULL_PRIVATE_NETWORKS": f"{HOST}/32",
        READS_SECRET: secret,
    }
