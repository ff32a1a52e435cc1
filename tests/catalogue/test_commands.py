"""The commands as they are typed: `manage.py` in a process of its own."""

from __future__ import annotations

from targets.models import Observation, Target
from tests.catalogue.folder import Folder
from tests.committed import manage

VALUES = """indicator,series,organisation,period,value,source_title
economy-share,gso,VN,2023,12.33,Niên giám
economy-share,gso,BTTTT,2024,13.17,Niên giám
economy-share,gso,BTTTT,2025-Q2,13.9,Niên giám
"""


def test_a_catalogue_and_values_are_loaded_and_mistakes_end_in_1(
    folder: Folder, transactional_db: None
) -> None:
    good = manage("load_catalogue", str(folder.path))
    assert (good.returncode, good.stderr) == (0, "")
    assert Target.objects.count() == 5

    folder.write("targets/qd1.csv", folder.text("targets/qd1.csv").encode("utf-16"))
    bad = manage("load_catalogue", str(folder.path))
    assert bad.returncode == 1
    assert "targets/qd1.csv:1: tệp ghi bằng UTF-16; hãy lưu lại dạng CSV UTF-8" in bad.stderr
    assert "Traceback" not in bad.stderr
    assert Target.objects.count() == 5

    file = folder.path / "values.csv"
    file.write_text(VALUES, encoding="utf-8")
    bad = manage("load_observations", str(file))
    assert bad.returncode == 1
    assert "values.csv:4: organisation: cơ quan «BTTTT» không tồn tại trong kỳ này" in bad.stderr
    assert "Traceback" not in bad.stderr
    assert not Observation.objects.exists()

    file.write_text(VALUES.rpartition("economy")[0], encoding="utf-8")
    good = manage("load_observations", str(file))
    assert (good.returncode, good.stdout) == (0, "values.csv: đọc 2, thêm 2, sửa 0, giữ 0\n")
    assert Observation.objects.count() == 2
