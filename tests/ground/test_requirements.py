"""What is pinned: every package that the code imports, with hashes and without addresses."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)


def _pinned(name: str) -> dict[str, str]:
    return dict(_PIN.findall((PROJECT / name).read_text(encoding="utf-8")))


def _imported(folder: Path) -> set[str]:
    names = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - {"documents", "targets", "dashboard"}


def test_production_has_every_package_that_its_code_imports() -> None:
    imported = _imported(PROJECT / "documents") | _imported(PROJECT / "targets")
    imported |= _imported(PROJECT / "dashboard")
    imported -= _imported(PROJECT / "dashboard" / "services") - {"redis", "psycopg"}
    of_module = importlib.metadata.packages_distributions()
    pinned = _pinned("requirements.txt")
    missing = {
        module
        for module in imported
        if not any(_normal(name) in pinned for name in of_module.get(module, [module]))
    }
    assert missing == set()


def test_every_pin_has_hashes_and_no_file_names_a_registry() -> None:
    for file in PROJECT.glob("requirements*.txt"):
        text = file.read_text(encoding="utf-8")
        assert "://" not in text, file.name
        for line in re.sub(r"\\\n\s*", "", text).splitlines():
            assert "--hash=sha256:" in line, f"{file.name}: {line[:60]}"


def test_the_sets_of_packages_agree() -> None:
    largest = _pinned("requirements-dev.txt")
    for name in ("requirements.txt", "requirements-demo.txt"):
        assert _pinned(name).items() <= largest.items(), name


def test_browser_packages_are_pinned_without_addresses() -> None:
    package = json.loads((PROJECT / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((PROJECT / "package-lock.json").read_text(encoding="utf-8"))
    for name, version in (package["dependencies"] | package["devDependencies"]).items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    for path, entry in lock["packages"].items():
        assert "resolved" not in entry, path
        assert not path or "integrity" in entry, path


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
