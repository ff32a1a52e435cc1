"""The ``.po`` files: which texts belong to which app, what is missing, compiling them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polib

from dashboard.translations.extraction import Text, extract

APPS = ("documents", "targets", "dashboard")
LANGUAGE = "en"
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}")


def po_path(project: Path, app: str) -> Path:
    """Where the English translations of an app are."""
    return project / app / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def texts_of(project: Path, app: str) -> dict[Text, list[Path]]:
    """The texts of an app, with files relative to the project; the templates are dashboard's."""
    files = sorted(path for path in (project / app).rglob("*.py") if "migrations" not in path.parts)
    if app == "dashboard":
        files += sorted(
            path for path in (project / "templates").rglob("*") if path.suffix in {".html", ".txt"}
        )
    return {
        text: [path.relative_to(project) for path in places]
        for text, places in extract(files).items()
    }


def problems(project: Path) -> Iterator[str]:
    """What keeps the English interface from being complete, one sentence each."""
    for app in APPS:
        path = po_path(project, app)
        wanted = texts_of(project, app)
        have = {_text(entry): entry for entry in _read(path)}
        shown = path.relative_to(project)
        for text, places in wanted.items():
            if text not in have:
                yield f"{shown}: no entry for {text.msgid!r} ({places[0]})"
        for text, entry in have.items():
            if text not in wanted:
                yield f"{shown}: stale entry {text.msgid!r}, which nothing uses"
            else:
                yield from (f"{shown}: {fault} {text.msgid!r}" for fault in _faults(entry))


def update(project: Path) -> Iterator[str]:
    """Add entries for new texts and drop stale ones; translations stay. Says what it did."""
    for app in APPS:
        path = po_path(project, app)
        wanted = texts_of(project, app)
        if not wanted and not path.exists():
            continue
        old = {_text(entry): entry for entry in _read(path)}
        file = _empty_file()
        for text, places in sorted(wanted.items(), key=lambda item: (item[1][0], item[0])):
            entry = old.get(text) or _entry(text)
            entry.occurrences = [(place.as_posix(), "") for place in places]
            file.append(entry)
        path.parent.mkdir(parents=True, exist_ok=True)
        file.save(str(path))
        added, dropped = len(wanted.keys() - old.keys()), len(old.keys() - wanted.keys())
        yield f"{path.relative_to(project)}: {len(wanted)} texts, {added} new, {dropped} dropped"


def compile_all(project: Path) -> Iterator[Path]:
    """Write the ``.mo`` file beside each ``.po`` file that is newer; yields those written."""
    sources = [po_path(project, app) for app in APPS]
    # Beside the English of the interface, the Vietnamese that django-allauth lacks.
    sources += sorted((project / "dashboard" / "allauth_locale").glob("*/LC_MESSAGES/*.po"))
    for source in sources:
        target = source.with_suffix(".mo")
        if source.exists() and (
            not target.exists() or target.stat().st_mtime < source.stat().st_mtime
        ):
            # Put in place whole: another process may be reading the old one.
            fresh = target.with_suffix(".mo.new")
            _read(source).save_as_mofile(str(fresh))
            fresh.replace(target)
            yield target


def _read(path: Path) -> polib.POFile:
    return polib.pofile(str(path), wrapwidth=100) if path.exists() else _empty_file()


def _empty_file() -> polib.POFile:
    file = polib.POFile(wrapwidth=100)
    file.metadata = {
        "Project-Id-Version": "thuocdo",
        "Language": LANGUAGE,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    return file


def _entry(text: Text) -> polib.POEntry:
    entry = polib.POEntry(msgid=text.msgid, msgctxt=text.context or None)
    if text.plural:
        entry.msgid_plural = text.plural
        entry.msgstr_plural = {0: "", 1: ""}
    return entry


def _text(entry: polib.POEntry) -> Text:
    return Text(entry.msgid, entry.msgctxt or "", entry.msgid_plural or "")


def _faults(entry: polib.POEntry) -> Iterator[str]:
    if entry.obsolete:
        yield "obsolete entry"
    if entry.fuzzy:
        yield "fuzzy translation of"
    given = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if not given or not all(given):
        yield "no translation of"
        return
    wanted = set(_PLACEHOLDER.findall(entry.msgid)) | set(
        _PLACEHOLDER.findall(entry.msgid_plural or "")
    )
    for translation in given:
        if not set(_PLACEHOLDER.findall(translation)) <= wanted:
            yield "a placeholder that the text has not, in the translation of"
        elif not entry.msgid_plural and wanted - set(_PLACEHOLDER.findall(translation)):
            yield "a placeholder is lost in the translation of"
