"""Which submissions are in a folder, and what their students are called."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.submissions.find import find_submissions, ignored_entries, refuse_results_inside
from autograder.submissions.model import Expected
from autograder.submissions.names import safe_name, same_name_key, with_suffix


def students(path: Path) -> list[str]:
    return [submission.student for submission in find_submissions(path)]


@pytest.fixture
def classroom(tmp_path: Path) -> Callable[..., Path]:
    """A folder with these entries: a folder where the name ends in a slash, else an empty file."""

    def make(*entries: str) -> Path:
        folder = tmp_path / "class"
        for entry in entries:
            path = folder / entry
            path.parent.mkdir(parents=True, exist_ok=True)
            if entry.endswith("/"):
                path.mkdir(parents=True, exist_ok=True)
            else:
                path.write_text("")
        return folder

    return make


def test_a_class_is_a_folder_or_a_file_for_each_student_sorted_by_name(classroom: Callable[..., Path]) -> None:
    folder = classroom("lee.zip", "kim/", "park.ipynb", "choi.py", "jung.PY")
    found = find_submissions(folder)
    assert [submission.student for submission in found] == ["choi", "jung", "kim", "lee", "park"]
    assert [submission.path.name for submission in found] == ["choi.py", "jung.PY", "kim", "lee.zip", "park.ipynb"]


def test_what_systems_leave_behind_and_other_files_are_no_students(classroom: Callable[..., Path]) -> None:
    folder = classroom(
        "kim/", "__MACOSX/", ".DS_Store", ".hidden.py", "._kim.zip", "__pycache__/", "README.md", "x.csv"
    )
    assert students(folder) == ["kim"]


def test_an_archive_of_another_kind_keeps_its_student_in_the_class(classroom: Callable[..., Path]) -> None:
    assert students(classroom("kim.rar", "lee.tar.gz", "park/")) == ["kim", "lee", "park"]


def test_a_dot_in_a_folder_name_belongs_to_the_name(classroom: Callable[..., Path]) -> None:
    assert students(classroom("j.r. smith/", "kim/")) == ["j.r. smith", "kim"]


def test_an_empty_student_folder_is_a_submission(classroom: Callable[..., Path]) -> None:
    assert students(classroom("kim/")) == ["kim"]


def test_a_folder_with_a_file_named_after_what_it_defines_is_one_student(
    hand_in: Callable[..., Path], sources: dict[str, str]
) -> None:
    folder = hand_in(sources | {"old/residual_block.py": "", "helper.py": ""})
    (submission,) = find_submissions(folder)
    assert (submission.student, submission.path) == ("kim", folder.resolve())


def test_a_syntax_error_does_not_hide_that_a_folder_is_one_student(hand_in: Callable[..., Path]) -> None:
    assert students(hand_in({"residual_block.py": "class ResidualBlock(:\n", "se_block.py": "def"})) == ["kim"]


def test_the_expected_files_settle_what_contents_do_not(
    hand_in: Callable[..., Path], expected: tuple[Expected, ...]
) -> None:
    folder = hand_in({"residual_block.py": "", "se_block.py": ""})
    assert students(folder) == ["residual_block", "se_block"]
    assert [submission.student for submission in find_submissions(folder, expected)] == ["kim"]


def test_files_of_students_that_all_define_the_same_are_a_class(
    hand_in: Callable[..., Path], sources: dict[str, str]
) -> None:
    same = sources["residual_block.py"]
    assert students(hand_in({"choi.py": same, "lee.py": same})) == ["choi", "lee"]


@pytest.mark.parametrize("name", ["park.py", "park.ipynb", "park.zip"])
def test_a_single_file_is_one_student(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    (submission,) = find_submissions(tmp_path / name)
    assert (submission.student, submission.path) == ("park", tmp_path / name)


def test_the_current_folder_has_a_name_too(
    hand_in: Callable[..., Path], sources: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(hand_in(sources))
    assert students(Path(".")) == ["kim"]


def test_a_link_in_a_class_stays_a_submission(classroom: Callable[..., Path], tmp_path: Path) -> None:
    folder = classroom("kim/")
    (folder / "lee").symlink_to(tmp_path)
    (folder / "park.py").symlink_to("/etc/passwd")
    assert students(folder) == ["kim", "lee", "park"]


def test_a_fifo_in_a_class_does_not_stop_it(classroom: Callable[..., Path]) -> None:
    folder = classroom("kim/")
    os.mkfifo(folder / "lee.py")
    assert students(folder) == ["kim", "lee"]


def test_no_such_path(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere does not exist"):
        find_submissions(tmp_path / "nowhere")


@pytest.mark.parametrize("entries", [("README.md",), (".hidden/",), ("__MACOSX/", ".DS_Store")])
def test_a_folder_without_submissions(classroom: Callable[..., Path], entries: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="holds no submissions"):
        find_submissions(classroom(*entries))


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "grades.csv").write_text("")
    with pytest.raises(UsageError, match=r"grades\.csv is not a submission"):
        find_submissions(tmp_path / "grades.csv")


def test_a_path_that_is_neither_file_nor_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="is not a submission"):
        find_submissions(tmp_path / "pipe")


@pytest.mark.parametrize("entries", [("kim/", "kim.zip"), ("kim.py", "kim.ipynb"), ("kim.zip", "kim.rar")])
def test_two_entries_of_one_student_are_refused(classroom: Callable[..., Path], entries: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="are both of student kim"):
        find_submissions(classroom(*entries))


def test_files_of_one_exercise_each_are_no_submissions(
    classroom: Callable[..., Path], expected: tuple[Expected, ...]
) -> None:
    folder = classroom("kim_se_block.py", "kim-Residual_Block.py", "lee_se_block.py")
    with pytest.raises(UsageError, match="into a folder of the student's name"):
        find_submissions(folder, expected)
    (folder / "kim-Residual_Block.py").unlink()
    assert [each.student for each in find_submissions(folder, expected)] == ["kim_se_block", "lee_se_block"]


def test_names_that_differ_only_in_case_get_a_suffix(classroom: Callable[..., Path]) -> None:
    found = find_submissions(classroom("Kim/", "kim/", "kim-2/", "lee/"))
    assert [(s.student, s.path.name) for s in found] == [
        ("Kim", "Kim"),
        ("kim-2", "kim-2"),
        ("kim-3", "kim"),
        ("lee", "lee"),
    ]


def test_names_that_differ_only_in_unicode_form_get_a_suffix(classroom: Callable[..., Path]) -> None:
    composed = "민준"
    found = students(classroom(f"{composed}/", unicodedata.normalize("NFD", composed) + "/"))
    assert sorted(found) == [composed, f"{composed}-2"]


def test_students_names_are_safe_as_file_names(classroom: Callable[..., Path]) -> None:
    found = students(classroom("a\nb/", "c:d\\e/", "한" * 80 + "/"))
    assert found == ["ab", "c_d_e", "한" * 66]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Kim Minjun", "Kim Minjun"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "unnamed"),
        ("", "unnamed"),
        (".bashrc", "bashrc"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("gpj\u202eexe", "gpjexe"),
        ("lone \udcff surrogate", "lone surrogate"),
        ("\udcb1\udce8 \udcb9\udcce", "%B1%E8 %B9%CE"),
        ("tab\tand  space ", "taband space"),
        ("O'Brien, Seán", "O'Brien, Seán"),
        ("dots...", "dots"),
        ("x" * 300, "x" * 100),
    ],
)
def test_safe_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_suffix_keeps_a_name_within_its_length() -> None:
    assert with_suffix("x" * 100, "-12") == "x" * 97 + "-12"
    assert len(with_suffix(safe_name("한" * 100), "-2").encode()) <= 255


def test_case_and_unicode_form_make_no_difference_to_a_file_system() -> None:
    assert same_name_key("Straße") == same_name_key("STRASSE")
    assert same_name_key("e\u0301") == same_name_key("É")
    assert same_name_key("kim") != same_name_key("kin")


def test_a_name_that_had_to_be_changed_is_kept_beside_the_new_one(classroom: Callable[..., Path]) -> None:
    folder = classroom("Kim/", "kim/", "=a|b/", unicodedata.normalize("NFD", "Núñez/"))
    names = {submission.student: submission.handed_in_as for submission in find_submissions(folder)}
    assert names == {"Kim": "", "kim-2": "kim", "=a_b": "=a|b", "Núñez": ""}


def test_what_is_nobodys_submission_is_named(classroom: Callable[..., Path]) -> None:
    folder = classroom("kim/", "lee.zip", "park.docx", "README.txt", ".DS_Store", "__MACOSX/")
    assert ignored_entries(folder) == ["README.txt", "park.docx"]
    assert ignored_entries(folder / "lee.zip") == []


def test_files_of_a_single_submission_are_not_called_ignored(hand_in: Callable[..., Path]) -> None:
    assert ignored_entries(hand_in({"residual_block.py": "class ResidualBlock: ...\n", "notes.txt": ""})) == []


# -- several people are never mixed --------------------------------------------------------------------------------

Write = Callable[..., Path]


@pytest.fixture
def find(expected: tuple[Expected, ...]) -> Callable[[Path], list[str]]:
    return lambda path: [submission.student for submission in find_submissions(path, expected)]


def folders(sources: dict[str, str], *names: str) -> dict[str, str]:
    """The files of the exercises in each of these folders."""
    return {f"{name}/{file}": text for name in names for file, text in sources.items()}


@pytest.mark.parametrize("stray", ["residual_block.py", "se_block.py", "collect.py", "grade_all.py"])
def test_a_file_beside_several_students_folders_is_refused(
    find: Callable[[Path], list[str]], hand_in: Write, sources: dict[str, str], stray: str
) -> None:
    text = sources.get(stray, "def collect():\n    pass\n")
    folder = hand_in(folders(sources, "kim_minjun", "lee_seoyeon") | {stray: text})
    with pytest.raises(UsageError, match=rf"{stray}.*out of the class"):
        find(folder)


@pytest.mark.parametrize("stray", ["residual_block.py", "collect.py"])
@pytest.mark.parametrize("kind", ["zip", "ipynb"])
def test_a_file_beside_several_students_files_is_refused(
    find: Callable[[Path], list[str]],
    hand_in: Write,
    sources: dict[str, str],
    zipped: Callable[..., bytes],
    notebook: Callable[..., str],
    stray: str,
    kind: str,
) -> None:
    work = zipped(sources) if kind == "zip" else notebook(*sources.values())
    text = sources.get(stray, "def collect():\n    pass\n")
    folder = hand_in({f"kim.{kind}": work, f"lee.{kind}": work, stray: text})
    with pytest.raises(UsageError, match=rf"{stray}.*out of the class"):
        find(folder)


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda one, all_, zipped: {"submissions.zip": zipped(all_)},
        lambda one, all_, zipped: {"submissions.zip": zipped({f"submissions/{k}": v for k, v in all_.items()})},
        lambda one, all_, zipped: {
            "week4.zip": zipped({f"week4/{k}": v for k, v in all_.items()} | {"__MACOSX/week4/kim/._x.py": "x"})
        },
        lambda one, all_, zipped: {"all.zip": zipped({"kim_101_hw4.zip": zipped(one), "lee_102_hw4.zip": zipped(one)})},
        lambda one, all_, zipped: {"a/b/all.zip": zipped({"c/kim.zip": zipped(one), "c/lee.zip": zipped(one)})},
        lambda one, all_, zipped: {f"submissions/{k}": v for k, v in all_.items()},
        lambda one, all_, zipped: {f"section A/{k}": v for k, v in all_.items()} | {"section B/park/se_block.py": "x"},
        lambda one, all_, zipped: {f"section A/week4/{k}": v for k, v in all_.items()},
        lambda one, all_, zipped: {"hw/kim.zip": zipped(one), "hw/lee.zip": zipped(one)},
        lambda one, all_, zipped: {
            "section A.zip": zipped({"kim_4411_67890_se_block.py": "x", "lee_LATE_4412_67891_se_block.py": "x"})
        },
        lambda one, all_, zipped: {
            "moodle.zip": zipped(
                {f"{who}_1_assignsubmission_file_se_block.py": "x" for who in ("kim 1001", "lee 1002")}
            )
        },
        lambda one, all_, zipped: {"hw/kim/week4/hw.zip": zipped(one), "hw/lee/week4/hw.zip": zipped(one)},
    ],
)
def test_a_whole_class_is_never_taken_for_one_student(
    find: Callable[[Path], list[str]],
    hand_in: Write,
    sources: dict[str, str],
    zipped: Callable[..., bytes],
    wrapped: Callable[..., dict[str, str | bytes]],
) -> None:
    folder = hand_in(wrapped(sources, folders(sources, "kim", "lee"), zipped))
    with pytest.raises(UsageError, match=r"is not one student's: it holds `kim.*`, `lee"):
        find(folder)


def test_a_zip_of_a_class_that_is_named_itself_is_refused(
    find: Callable[[Path], list[str]], hand_in: Write, sources: dict[str, str], zipped: Callable[..., bytes]
) -> None:
    folder = hand_in({"all.zip": zipped(folders(sources, "kim", "lee"))})
    with pytest.raises(UsageError, match="Unzip it, and name the folder"):
        find(folder / "all.zip")


@pytest.mark.parametrize("names", [("20241234", "20245678"), ("submission_1", "submission_2"), ("team 1", "team 2")])
def test_folders_with_numbers_of_people_are_several(
    find: Callable[[Path], list[str]], hand_in: Write, sources: dict[str, str], names: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError, match=f"it holds `{names[0]}`, `{names[1]}`"):
        find(hand_in(folders(sources, *(f"week4/{name}" for name in names))))


def test_the_whole_folder_that_students_were_given_is_one_student(
    find: Callable[[Path], list[str]], hand_in: Write, sources: dict[str, str], zipped: Callable[..., bytes]
) -> None:
    given = {f"core/{name}": text for name, text in sources.items()}
    given |= {f"core/checks/{folder}/se_block.py": "x = 1" for folder in ("notebook", "se_block")}
    assert find(hand_in({"kim.zip": zipped(given), "lee/core.zip": zipped(given), "park.ipynb": "{}"})) == [
        "kim",
        "lee",
        "park",
    ]


def test_notebooks_of_several_people_in_one_folder_are_refused(
    find: Callable[[Path], list[str]], hand_in: Write, notebook: Callable[..., str]
) -> None:
    with pytest.raises(UsageError, match="is not one student's"):
        find(hand_in({"hw/kim/kim.ipynb": notebook("x"), "hw/lee/lee.ipynb": notebook("x")}))


@pytest.mark.parametrize(
    "own",
    [
        ("week4",),
        ("week4", "week4_old"),
        ("old", "src", "checks"),
        ("core", "core (1)"),
        ("hw4-core", "hw4-core copy"),
        ("kim", "old"),
        ("v1", "v2", "final version"),
        ("1", "2"),
        ("과제", "과제 백업"),
        ("residual_block", "se_block_new"),
        (".ipynb_checkpoints", "__MACOSX"),
        ("attempt 1", "attempt 2"),
        ("submission", "kim"),
        ("kim", "New folder", "새 폴더"),
        ("hw4_kim", "hw4_kim_final", "kim hw4 2"),
        ("김민준", "김민준_최종", "2_김민준"),
    ],
)
@pytest.mark.parametrize("place", ["", "kim/"])
def test_folders_of_a_students_own_are_not_several_people(
    find: Callable[[Path], list[str]], hand_in: Write, sources: dict[str, str], own: tuple[str, ...], place: str
) -> None:
    files = folders(sources, *own) | {"residual_block.py": sources["residual_block.py"]}
    folder = hand_in({f"{place}{name}": text for name, text in files.items()})
    assert find(folder) == ["kim"]


@pytest.mark.parametrize(
    "both", [("hw4_2024-12345", "hw4_2024-12346"), ("kim_hw4_1001", "kim_hw4_1002"), ("student1", "student2_final")]
)
def test_numbers_of_people_tell_them_apart(
    find: Callable[[Path], list[str]], hand_in: Write, sources: dict[str, str], both: tuple[str, str]
) -> None:
    folder = hand_in({f"class/{name}": text for name, text in folders(sources, *both).items()})
    with pytest.raises(UsageError, match="not one student's"):
        find(folder)


def test_a_folder_for_each_exercise_is_one_student(
    find: Callable[[Path], list[str]], hand_in: Write, sources: dict[str, str]
) -> None:
    files = {"se_block.py": sources["se_block.py"], "alpha/residual_block.py": "x", "beta/clip_grad.py": "x"}
    assert find(hand_in(files)) == ["kim"]


def test_folders_of_assignments_are_not_several_people(classroom: Callable[..., Path]) -> None:
    folder = classroom("kim/review/review.ipynb", "kim/transfer/transfer.ipynb", "lee/review/review.ipynb")
    negate = Expected("negate", "negate.py", ("negate",))
    with pytest.raises(UsageError, match="kim is not one student's: it holds `review`, `transfer`"):
        find_submissions(folder, [negate])
    known = replace(negate, folders=("review", "transfer"))
    assert [each.student for each in find_submissions(folder, [known])] == ["kim", "lee"]


def test_a_student_with_several_notebooks_and_scripts_is_one(
    find: Callable[[Path], list[str]], hand_in: Write, sources: dict[str, str], notebook: Callable[..., str]
) -> None:
    files = sources | {"core.ipynb": notebook(*sources.values()), "core_old.ipynb": notebook(*sources.values())}
    assert find(hand_in(files | {"train.py": "", "test_all.py": "", "plots.ipynb": notebook("x")})) == ["kim"]


@pytest.mark.parametrize(
    "text", ["class ResidualBlock: pass\n", "class ResidulBlock: pass\n", "class SEBlock(:\n", "", b"\xff"]
)
def test_a_students_py_file_beside_others_folders_is_a_submission(
    find: Callable[[Path], list[str]], hand_in: Write, sources: dict[str, str], text: str
) -> None:
    assert find(hand_in(folders(sources, "kim", "lee") | {"choi.py": text})) == ["choi", "kim", "lee"]


def test_a_class_with_what_cannot_be_opened_is_found(find: Callable[[Path], list[str]], hand_in: Write) -> None:
    folder = hand_in({"kim.zip": b"no zip", "lee/work.zip": b"PK", "park.ipynb": "{", "choi/se_block.py": b"\xff"})
    (folder / "moon").symlink_to(folder)
    assert find(folder) == ["choi", "kim", "lee", "moon", "park"]


# -- results are no student ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("out", ["", "results", "kim/results", "../class/out"])
def test_results_inside_of_the_class_are_refused(classroom: Callable[..., Path], out: str) -> None:
    folder = classroom("kim/", "lee/")
    with pytest.raises(UsageError, match="name a folder outside of the class"):
        refuse_results_inside(folder, folder / out)


@pytest.mark.parametrize("out", ["../results", "../class2", "../kim"])
def test_results_beside_the_class_are_welcome(classroom: Callable[..., Path], out: str) -> None:
    folder = classroom("kim/", "lee/")
    refuse_results_inside(folder, folder / out)


def test_results_of_an_earlier_run_are_no_student(classroom: Callable[..., Path]) -> None:
    folder = classroom("kim/", "lee/", "out/grades.csv", "out/results/kim.json", "out/feedback/kim.md")
    assert students(folder) == ["kim", "lee"]
    assert ignored_entries(folder) == ["out"]
    with pytest.raises(UsageError, match="holds the results of an earlier run"):
        students(folder / "out")


def test_a_renamed_notebook_keeps_its_student_in_the_class(classroom: Callable[..., Path]) -> None:
    assert students(classroom("kim/", "lee.ipynb.json")) == ["kim", "lee"]
