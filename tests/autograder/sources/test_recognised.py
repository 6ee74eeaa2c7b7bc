"""Every system's download is recognised, as zip and unpacked, and everybody's files come under the right name."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from lms_downloads import (
    NAMES,
    SYSTEMS,
    WORK,
    as_folder,
    as_zip,
    blackboard,
    brightspace,
    canvas,
    github,
    moodle,
    nbgrader,
)

from autograder.errors import UsageError
from autograder.receive import Received, receive
from autograder.sources.model import ClassList
from autograder.sources.store import class_to_bytes, read_class, write_class
from autograder.submissions.model import Expected

Take = Callable[..., Received]
Graded = Callable[[Received], dict[str, dict[str, str]]]


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_zip_is_one_row_for_each_student(tmp_path: Path, take: Take, graded: Graded, system: str) -> None:
    received = take(as_zip(tmp_path / "download.zip", SYSTEMS[system]()))
    assert received.told[0].startswith(f"{system.partition(',')[0]}: {len(NAMES)} students")
    assert list(graded(received).values()) == [WORK] * len(NAMES)
    assert len({row.digest for row in received.found.students}) == 1


@pytest.mark.parametrize("system", SYSTEMS)
def test_unpacked_it_is_the_same(tmp_path: Path, take: Take, graded: Graded, system: str) -> None:
    names = tuple(name for name in NAMES if len(name.encode()) < 150)  # of a path's part, no file system takes more
    received = take(as_folder(tmp_path / "download", SYSTEMS[system](names)))
    assert list(graded(received).values()) == [WORK] * len(names)


@pytest.mark.parametrize(
    "system", ["Moodle", "Brightspace", "Blackboard", "Gradescope", "nbgrader", "GitHub Classroom"]
)
def test_names_are_kept_whatever_their_script(tmp_path: Path, take: Take, system: str) -> None:
    rows = take(as_zip(tmp_path / "download.zip", SYSTEMS[system]())).found.students
    assert {row.members[0].name for row in rows} == {unicodedata.normalize("NFC", name) for name in NAMES}


@pytest.mark.parametrize("system", SYSTEMS)
def test_two_of_one_name_stay_two(tmp_path: Path, take: Take, system: str) -> None:
    if system in ("GitHub Classroom", "nbgrader"):
        pytest.skip("folders of one name are one folder")
    received = take(as_zip(tmp_path / "download.zip", SYSTEMS[system](("Kim Minjun", "Kim Minjun"))))
    assert len({each.student for each in received.submissions}) == 2


def test_the_class_list_is_kept_and_read_again(tmp_path: Path, take: Take) -> None:
    found = take(as_zip(tmp_path / "download.zip", canvas())).found
    write_class(tmp_path / "out", found)
    assert read_class(tmp_path / "out") == found


def test_a_folder_without_a_class_list_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"class\.json does not exist"):
        read_class(tmp_path)


def test_what_canvas_says(tmp_path: Path, take: Take, graded: Graded) -> None:
    files = {
        "lovelaceada_LATE_4411_67890_lstm_cell-1.py": "a",
        "lovelaceada_LATE_4411_67891_residual_block-12.py": "b",
        "김민준_4412_67892_lstm_cell-0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f.py": "c",
        "LATE_anon_aB3dE_67893_lstm_cell.py": "d",
        "parkjisoo_4413_text.html": "<p>see above</p>",
        "notes from the office.txt": "",
    }
    received = take(as_zip(tmp_path / "submissions.zip", files))
    assert received.told == ["Canvas: 4 students, 2 late, 1 file ignored"]
    assert graded(received) == {
        "anon aB3dE": {"lstm_cell.py": "d"},
        "lovelaceada": {"lstm_cell.py": "a", "residual_block.py": "b"},
        "parkjisoo": {"text.html": "<p>see above</p>"},
        "김민준": {"lstm_cell.py": "c"},
    }
    assert [(row.members[0].id, row.late) for row in received.found.students] == [
        ("aB3dE", True),
        ("4411", True),
        ("4413", False),
        ("4412", False),
    ]
    assert {each.student: each.notes for each in received.submissions}["김민준"] == (
        "`lstm_cell-0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f.py` counts as `lstm_cell.py`: the learning system adds to a "
        "name that was handed in before.",
    )


def test_a_number_is_kept_where_the_name_without_it_is_there_or_not_asked_for(
    tmp_path: Path, take: Take, graded: Graded
) -> None:
    files = {"kim_1_10_lstm_cell.py": "a", "kim_1_11_lstm_cell-1.py": "b", "kim_1_12_helper-1.py": "c"}
    (names,) = graded(take(as_zip(tmp_path / "submissions.zip", files))).values()
    assert names == {"lstm_cell.py": "a", "lstm_cell-1.py": "b", "helper-1.py": "c"}


def test_of_two_uploads_the_later_counts(tmp_path: Path, take: Take, graded: Graded) -> None:
    files = {"kim_1_9_lstm_cell-3.py": "old", "kim_1_10_lstm_cell-2.py": "new", "lee_2_11_lstm_cell.py": "l"}
    assert graded(take(as_zip(tmp_path / "submissions.zip", files)))["kim"] == {
        "lstm_cell-3.py": "old",
        "lstm_cell.py": "new",
    }


def test_moodle_groups_blind_marking_and_online_text(tmp_path: Path, take: Take, graded: Graded) -> None:
    files = {
        "Group A_17_assignsubmission_file/sub/lstm_cell.py": "a",
        "Default group_assignsubmission_file_/lstm_cell.py": "b",
        "Participant_1234567_assignsubmission_file_lstm_cell.py": "c",
        "Kim_4711_assignsubmission_file_/residual_block.py": "d",
        "Kim_4711_assignsubmission_onlinetext_/onlinetext.html": "e",
        "Lee_4712_assignsubmission_onlinetext/onlinetext.html": "f",
        "Lee_4712_assignfeedback_file/marks.py": "g",
    }
    assert graded(take(as_zip(tmp_path / "m.zip", files))) == {
        "Default group": {"lstm_cell.py": "b"},
        "Group A": {"lstm_cell.py": "a"},
        "Kim": {"residual_block.py": "d"},
        "Lee": {"onlinetext.html": "f"},
        "Participant 1234567": {"lstm_cell.py": "c"},
    }


def test_of_blackboards_attempts_the_last_counts(tmp_path: Path, take: Take, graded: Graded) -> None:
    files = blackboard(("Ada Lovelace", "Lee"))
    files |= {"Week 4_user_0_attempt_2026-02-01-09-30-00_lstm_cell.py": "second"}
    received = take(as_zip(tmp_path / "gradebook.zip", files))
    assert graded(received)["Ada Lovelace"] == {"lstm_cell.py": "second"}
    row = received.found.students[0]
    assert (row.members[0].username, row.submitted_at, row.attempts) == ("user_0", "2026-02-01T09:30:00", 2)
    assert row.notes == (
        "2 attempts were handed in; the last counts, of 2026-02-01 09:30. Only in earlier ones, and not read: "
        "`residual_block.py`.",
    )
    assert received.told == ["Blackboard: 2 students, 1 with several attempts, of which the last counts"]


def test_brightspace_has_a_folder_for_each_time(tmp_path: Path, take: Take, graded: Graded) -> None:
    files = {
        "397063-2557369 - Mary-Ann Smith - Sep 24, 2024 926 PM/lstm_cell.py": "late",
        "397063-2557369 - Mary-Ann Smith - Sep 24, 2024 1126 AM/lstm_cell.py": "early",
        "397064-2557369 - Kim - Lee - Sep 3, 2024 1201 AM/lstm_cell.py": "k",
    }
    received = take(as_folder(tmp_path / "download", files))
    assert graded(received) == {"Kim - Lee": {"lstm_cell.py": "k"}, "Mary-Ann Smith": {"lstm_cell.py": "late"}}
    assert [row.submitted_at for row in received.found.students] == ["2024-09-03T00:01:00", "2024-09-24T21:26:00"]


def test_times_of_gradescope_and_nbgrader(tmp_path: Path, take: Take) -> None:
    for make, when in ((SYSTEMS["Gradescope"], "2026-01-30T15:00:00+00:00"), (nbgrader, "2026-01-30T15:00:00+00:00")):
        rows = take(as_zip(tmp_path / "d.zip", make(("Kim", "Lee")))).found.students
        assert [row.submitted_at for row in rows] == [when, when]


def test_one_file_that_is_named_otherwise_is_a_submission_by_itself(tmp_path: Path, take: Take) -> None:
    received = take(as_zip(tmp_path / "s.zip", {"kim_1_2_hw4.ipynb": "{}", "lee_2_3_all.py": ""}))
    assert [each.path.name for each in received.submissions] == ["hw4.ipynb", "all.py"]


def test_a_repository_s_own_files_stay_with_it(tmp_path: Path, take: Take, graded: Graded) -> None:
    files = github(("ada", "kim")) | {"week4-submissions/week4-ada/.git/HEAD": "", "week4-submissions/roster.txt": ""}
    received = take(as_folder(tmp_path / "d", files))
    assert graded(received) == {"ada": WORK, "kim": WORK}
    assert received.told == ["GitHub Classroom: 2 students, 1 file ignored"]


def test_what_is_too_large_is_cut_where_reading_would_end(tmp_path: Path, take: Take) -> None:
    path = as_zip(tmp_path / "s.zip", {"kim_1_2_lstm_cell.py": "#" * 3_000_000, "lee_2_3_lstm_cell.py": ""})
    received = take(path)
    assert received.submissions[0].path.stat().st_size == 1_000_001


def test_renamed_files_in_plain_folders_count_too(tmp_path: Path, take: Take, graded: Graded) -> None:
    files = {"kim/lstm_cell-1.py": "a", "kim/residual_block-2.py": "b", "lee/lstm_cell.py": "c"}
    folder = as_folder(tmp_path / "class", files)
    received = take(folder)
    assert graded(received) == {"kim": {"lstm_cell.py": "a", "residual_block.py": "b"}, "lee": {"lstm_cell.py": "c"}}
    assert graded(take(folder / "kim")) == {"kim": {"lstm_cell.py": "a", "residual_block.py": "b"}}
    assert sorted(path.name for path in (folder / "kim").iterdir()) == ["lstm_cell-1.py", "residual_block-2.py"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (canvas() | {"lstm_cell.py": ""}, "a download of Canvas, but for `lstm_cell.py`, whose names do not say whose"),
        (moodle() | {"loose/lstm_cell.py": ""}, "a download of Moodle, but for `loose/lstm_cell.py`"),
        ({"ada_1_2_f.py": "", "kim_1_3_f.py": ""}, "the files of user 1 have two names, ada and kim"),
        (github() | {"week4-submissions/f.py": ""}, r"holds f\.py beside the folders of students"),
        (
            {"1-2 - Kim - Sep 3, 2024 1201 AM/f.py": "", "3-4 - Kim - Sep 4, 2024 1201 AM/f.py": ""},
            "some students have several numbers",
        ),
        (
            nbgrader(("kim",)) | {"submitted/kim/week5/f.py": "", "submitted/kim/week6/f.py": ""},
            None,
        ),
        ({"submitted/kim/a/f.py": "", "submitted/kim/b/f.py": ""}, "several assignments .* none is called week4"),
        (canvas() | {"../kim_1_2_f.py": ""}, "leads out of its folder"),
        (moodle() | {"kim_9_assignsubmission_file/../../f.py": ""}, "leads out of its folder"),
        (
            blackboard(("Kim",)) | {k.replace("Week 4", "Week 5"): v for k, v in blackboard(("Kim",)).items()},
            "could all be of user user_0",
        ),
    ],
)
def test_nothing_that_could_be_several_peoples_is_graded(
    tmp_path: Path, take: Take, files: dict[str, str], says: str | None
) -> None:
    path = as_zip(tmp_path / "download.zip", files)
    if says is None:
        assert take(path).told == ["nbgrader: 1 student"]
        return
    with pytest.raises(UsageError, match=says):
        take(path)
    assert not (tmp_path / "out" / "submissions").exists()


def test_a_link_in_a_zip_is_refused(tmp_path: Path, take: Take) -> None:
    path = as_zip(tmp_path / "d.zip", moodle())
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("Eve_1_assignsubmission_file/lstm_cell.py")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UsageError, match="holds a link"):
        take(path)


def test_a_link_in_a_folder_is_refused(tmp_path: Path, take: Take) -> None:
    folder = as_folder(tmp_path / "d", moodle(("Kim", "Lee")))
    (folder / "Kim_1234000_assignsubmission_file" / "more.py").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match="may be a link"):
        take(folder)


@pytest.mark.parametrize(
    "files",
    [
        {"kim/lstm_cell.py": "a", "lee/lstm_cell.py": "b"},
        {"kim_2026_01_lab.py": "class LSTMCell: pass\n", "lee_2026_01_lab.py": "class LSTMCell: pass\n"},
        {"lstm_cell.py": "class LSTMCell: pass\n"},
    ],
)
def test_a_plain_folder_is_left_where_it_is(tmp_path: Path, take: Take, files: dict[str, str]) -> None:
    received = take(as_folder(tmp_path / "class", files))
    assert received.told == []
    assert not (tmp_path / "out").exists()
    assert all(str(each.path).startswith(str(tmp_path / "class")) for each in received.submissions)


def test_a_second_run_replaces_what_the_first_unpacked(tmp_path: Path, take: Take) -> None:
    take(as_zip(tmp_path / "a.zip", canvas(("Kim", "Lee"))))
    received = take(as_zip(tmp_path / "b.zip", canvas(("Park",))))
    assert [path.name for path in (tmp_path / "out" / "submissions").iterdir()] == ["park"]
    assert [each.student for each in received.submissions] == ["park"]


def test_brightspaces_numbers_may_come_in_either_order(tmp_path: Path, take: Take) -> None:
    files = {re.sub(r"^(\d+)-(\d+)", r"\2-\1", name): text for name, text in brightspace().items()}
    assert len(take(as_zip(tmp_path / "b.zip", files)).submissions) == len(NAMES)


class Folder:
    """A gradebook, of a first run or of one after it."""

    def __init__(self, folder: Path, last: ClassList | None = None) -> None:
        self.folder, self._last = folder, last

    def claim(self) -> None:
        self.folder.mkdir(exist_ok=True)

    def last_run(self) -> tuple[object, bytes] | None:
        return None if self._last is None else ("terms", class_to_bytes(self._last))


EXPECTED = [Expected("lstm_cell", "lstm_cell.py", ("LSTMCell",))]


def test_only_one_student_of_a_class(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "s.zip", canvas(("Kim", "Lee")))
    received = receive(path, "week4", EXPECTED, Folder(tmp_path / "out"), only=["lee"])  # type: ignore[arg-type]
    assert (
        [each.student for each in received.submissions] == [row.student for row in received.found.students] == ["lee"]
    )
    with pytest.raises(UsageError, match=r'no such student .did you mean "kim"'):
        receive(path, "week4", EXPECTED, Folder(tmp_path / "out"), only=["kimm"])  # type: ignore[arg-type]


def test_those_of_the_last_run_stay_beside_the_one_who_is_asked_for(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "s.zip", canvas(("Kim", "Lee", "Park")))
    last = receive(path, "week4", EXPECTED, Folder(tmp_path / "out"), only=["kim"]).found  # type: ignore[arg-type]
    gradebook = Folder(tmp_path / "out", last)
    received = receive(path, "week4", EXPECTED, gradebook, only=["lee"])  # type: ignore[arg-type]
    assert [row.student for row in received.found.students] == ["kim", "lee"]


def test_a_damaged_download_is_told(tmp_path: Path, take: Take) -> None:
    path = as_zip(tmp_path / "d.zip", blackboard())
    data = path.read_bytes()
    path.write_bytes(data.replace(b"There are no student comments", b"There are no student c0mments"))
    with pytest.raises(UsageError, match="is damaged; download it again"):
        take(path)
