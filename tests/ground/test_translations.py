"""Translations: what is extracted, what counts as incomplete, what Django then shows."""

from __future__ import annotations

import gettext
from pathlib import Path

import polib
import pytest

from dashboard.translations.catalogues import compile_all, po_path, problems, update
from dashboard.translations.extraction import ExtractionError, Text, extract

_PYTHON = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
plain = _("Đúng tiến độ")
joined = gettext_lazy("Cần " "chú ý")
counted = ngettext("%(n)d mục tiêu", "%(n)d mục tiêu.", 3)
meant = pgettext("tháng", "Ba")
"""
_TEMPLATE = """{% load i18n %}<p class="a(b)">{% translate "Đạt" %}</p>
{% blocktranslate trimmed count n=n with x=1 %}
  Có {{ n }} mục tiêu
{% plural %}
  Có {{ n }} mục tiêu khác
{% endblocktranslate %}
{{ value|default:_("chưa có (số liệu)") }} {% translate "Ba" context "số" %}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one text in Python and one template."""
    for app in ("documents", "targets", "dashboard"):
        (tmp_path / app).mkdir()
    (tmp_path / "targets" / "words.py").write_text('from x import _\na = _("Chậm %(n)d năm")\n')
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text('{% load i18n %}{% translate "Trang chủ" %}')
    return tmp_path


def _translate(project: Path, app: str, **texts: str) -> None:
    file = polib.pofile(str(po_path(project, app)))
    for entry in file:
        entry.msgstr = texts["text"]
    file.save()


def test_texts_of_python_code_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(_PYTHON)
    assert set(extract([tmp_path / "a.py"])) == {
        Text("Đúng tiến độ"),
        Text("Cần chú ý"),
        Text("%(n)d mục tiêu", plural="%(n)d mục tiêu."),
        Text("Ba", context="tháng"),
    }


def test_texts_of_templates_are_found_as_django_looks_them_up(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(_TEMPLATE)
    assert set(extract([tmp_path / "a.html"])) == {
        Text("Đạt"),
        Text("Có %(n)s mục tiêu", plural="Có %(n)s mục tiêu khác"),
        Text("chưa có (số liệu)"),
        Text("Ba", context="số"),
    }


def test_a_text_that_is_not_written_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = _(name)\n")
    with pytest.raises(ExtractionError, match=r"a\.py:1: the text to translate must be written"):
        extract([tmp_path / "a.py"])


def test_every_fault_of_a_translation_is_named(project: Path) -> None:
    assert [line.split(": ", 1)[1] for line in problems(project)] == [
        "no entry for 'Chậm %(n)d năm' (targets/words.py)",
        "no entry for 'Trang chủ' (templates/page.html)",
    ]
    assert list(update(project)) == [
        "targets/locale/en/LC_MESSAGES/django.po: 1 texts, 1 new, 0 dropped",
        "dashboard/locale/en/LC_MESSAGES/django.po: 1 texts, 1 new, 0 dropped",
    ]
    assert [line.split(": ", 1)[1] for line in problems(project)] == [
        "no translation of 'Chậm %(n)d năm'",
        "no translation of 'Trang chủ'",
    ]
    _translate(project, "targets", text="%(years)d years behind")
    _translate(project, "dashboard", text="Home")
    assert [line.split(": ", 1)[1] for line in problems(project)] == [
        "a placeholder that the text has not, in the translation of 'Chậm %(n)d năm'"
    ]
    _translate(project, "targets", text="years behind")
    assert [line.split(": ", 1)[1] for line in problems(project)] == [
        "a placeholder is lost in the translation of 'Chậm %(n)d năm'"
    ]
    _translate(project, "targets", text="%(n)d years behind")
    assert list(problems(project)) == []


def test_fuzzy_and_stale_entries_are_named_and_update_keeps_translations(project: Path) -> None:
    list(update(project))
    _translate(project, "targets", text="%(n)d years behind")
    _translate(project, "dashboard", text="Home")
    file = polib.pofile(str(po_path(project, "dashboard")))
    file[0].flags.append("fuzzy")
    file.append(polib.POEntry(msgid="Cũ", msgstr="Old"))
    file.save()
    assert [line.split(": ", 1)[1] for line in problems(project)] == [
        "fuzzy translation of 'Trang chủ'",
        "stale entry 'Cũ', which nothing uses",
    ]
    assert list(update(project))[1].endswith("1 texts, 0 new, 1 dropped")
    assert polib.pofile(str(po_path(project, "targets")))[0].msgstr == "%(n)d years behind"


def test_compiling_writes_what_gettext_reads_and_only_when_needed(project: Path) -> None:
    list(update(project))
    _translate(project, "dashboard", text="Home")
    _translate(project, "targets", text="%(n)d years behind")
    written = list(compile_all(project))
    assert len(written) == 2
    assert list(compile_all(project)) == []
    with (project / "dashboard/locale/en/LC_MESSAGES/django.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Trang chủ") == "Home"
