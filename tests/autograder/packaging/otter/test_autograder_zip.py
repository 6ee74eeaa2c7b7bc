"""What is in the autograder's zip and what is not, and how setup.sh goes about its work."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from importlib import metadata
from io import BytesIO
from pathlib import Path

import otter.generate
import pytest
from otter.run import AutograderConfig
from packaging.requirements import Requirement

from autograder.course.assignment import load_assignment
from autograder.errors import UsageError
from autograder.packaging import autograder_zip
from autograder.packaging.autograder_zip import build_autograder_zip
from autograder.packaging.wheel import engine_wheel

ROOT = Path(__file__).resolve().parents[4]
EXERCISES = load_assignment(ROOT, "core").exercise_names


@pytest.fixture(scope="module")
def core(core_zip: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(core_zip) as file:
        yield file


@pytest.fixture(scope="module")
def wheel(core: zipfile.ZipFile) -> Iterator[zipfile.ZipFile]:
    """The engine's wheel in the zip."""
    (name,) = (name for name in core.namelist() if name.endswith(".whl"))
    with zipfile.ZipFile(BytesIO(core.read(name))) as file:
        yield file


@pytest.fixture
def pack(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], set[str]]:
    """Packs the small project, with the wheel left out of account; the names in the zip."""
    monkeypatch.setattr(autograder_zip, "engine_wheel", lambda: autograder_zip.Member("engine.whl", b""))

    def pack() -> set[str]:
        with zipfile.ZipFile(build_autograder_zip(project, "small", tmp_path / "dist")) as file:
            return set(file.namelist())

    return pack


def mode(file: zipfile.ZipFile, name: str) -> int:
    """A member's permissions."""
    return stat.S_IMODE(file.getinfo(name).external_attr >> 16)


# -- the same bytes ---------------------------------------------------------------------------------------------------

BUILD = """
import os, sys
from pathlib import Path
os.umask(0o077)
import autograder
from autograder.packaging.autograder_zip import build_autograder_zip
print(Path(autograder.__file__).parents[1])
build_autograder_zip(Path.cwd(), "core", Path("elsewhere"))
"""


def test_a_copy_of_the_project_with_other_times_and_umask_gives_the_same_bytes(core_zip, environment, tmp_path):
    copy = tmp_path / "copy"
    unwanted = shutil.ignore_patterns("__pycache__")
    for name in ("autograder", "assignments/core", "solutions/core", "tests/core"):
        shutil.copytree(ROOT / name, copy / name, ignore=unwanted)
    for name in ("pyproject.toml", "LICENSE", "constraints.txt"):
        shutil.copy(ROOT / name, copy)
    left_behind = copy / "build/lib/autograder/left_behind.py"  # as after a `pip install .`
    left_behind.parent.mkdir(parents=True)
    left_behind.touch()
    for number, path in enumerate(sorted(copy.rglob("*"))):
        os.utime(path, (1e9 + number, 1e9 + number))
        path.chmod(0o700 if path.is_dir() else 0o600)
    variables = {"PYTHONHASHSEED": "7", "TZ": "Asia/Seoul", "LC_ALL": "C"}
    built = subprocess.run(
        [sys.executable, "-c", BUILD], cwd=copy, env=environment | variables, capture_output=True, text=True
    )
    assert (built.returncode, built.stdout.strip()) == (0, str(copy)), built.stderr
    assert (copy / "elsewhere/core-autograder.zip").read_bytes() == core_zip.read_bytes()


# -- what is in it ----------------------------------------------------------------------------------------------------


def test_what_gradescope_calls_lies_at_the_root_and_can_be_executed(core):
    assert {name: mode(core, name) for name in ("setup.sh", "run_autograder")} == {
        "setup.sh": 0o755,
        "run_autograder": 0o755,
    }
    assert all(core.read(name).startswith(b"#!/usr/bin/env bash\n") for name in ("setup.sh", "run_autograder"))


def test_the_engine_comes_as_the_wheel_of_these_sources(core):
    made = engine_wheel()
    assert core.read(f"engine/{made.name}") == made.content


def test_the_wheel_holds_every_module_and_template_and_nothing_else(wheel):
    sources = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "autograder").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert packed == sources


def test_the_zip_holds_nothing_beside_what_it_is_documented_to_hold(core):
    roots = {name.partition("/")[0] for name in core.namelist()}
    assert roots == {
        *("run_autograder", "setup.sh", "requirements.txt", "constraints.txt", "otter_config.json"),
        *("engine", "payload", "files", "tests"),
    }
    assert core.read("constraints.txt") == (ROOT / "constraints.txt").read_bytes()


def test_the_payload_is_one_assignment_with_solutions_suites_and_known_mistakes(core):
    expected = {"assignments/core/assignment.toml", "assignments/core/locale/ko.po"}
    for name in EXERCISES:
        suite = f"tests/core/{name}"
        expected |= {f"solutions/core/{name}.py", f"{suite}/test_{name}.py", f"{suite}/test_{name}_public.py"}
        expected |= {f"{suite}/exercise.toml"}
        expected |= {f"{suite}/mistakes/{path.name}" for path in (ROOT / suite / "mistakes").glob("*.py")}
        expected |= {f"{suite}/{path.name}" for path in (ROOT / suite).glob("beside.py")}
    payload = {name.removeprefix("payload/") for name in core.namelist() if name.startswith("payload/")}
    assert payload == expected
    assert all(core.read(f"payload/{name}") == (ROOT / name).read_bytes() for name in expected)


@pytest.mark.parametrize(
    "unwanted",
    [
        "alternatives/",
        "hollow/",
        "rewritten/",
        "pairs/",
        "unknown/",
        "__pycache__",
        ".pyc",
        "equivalent_mutants",
        "tests/autograder",
        "examples/",
        ".ipynb",
    ],
)
def test_the_payload_leaves_out_what_no_grading_needs(core, unwanted):
    assert [name for name in core.namelist() if unwanted in name and name != "files/_entry.ipynb"] == []


def test_the_payload_is_readable_by_its_owner_alone(core):
    assert {mode(core, name) for name in core.namelist() if name.startswith("payload/")} == {0o600}


def test_known_mistakes_are_packed_only_for_an_assignment_that_names_them(pack, project):
    mistake = "payload/tests/small/triple/mistakes/adds_twice.py"
    assert mistake in pack()
    description = project / "assignments/small/assignment.toml"
    description.write_text(description.read_text() + '\n[feedback]\ndiagnosis = "off"\n')
    assert mistake not in pack()


@pytest.mark.parametrize(
    "left_behind", [".DS_Store", "triple/.test_triple.py.swp", ".ipynb_checkpoints/a.py", "triple/__pycache__/a.pyc"]
)
def test_what_programs_leave_behind_in_a_suite_is_not_packed(pack, project, write, left_behind):
    before = pack()
    write(project / "tests/small", {left_behind: ""})
    assert pack() == before


def test_what_a_suite_reads_is_packed_with_it(pack, project, write):
    write(project / "tests/small", {"triple/data/table.csv": "1,2", "shared.py": ""})
    assert {"payload/tests/small/triple/data/table.csv", "payload/tests/small/shared.py"} <= pack()


def test_another_assignment_of_the_project_stays_out_of_the_zip(pack, project):
    before = pack()
    for folder in ("assignments", "solutions", "tests"):
        shutil.copytree(project / folder / "small", project / folder / "other")
    assert pack() == before


# -- what otter copies to the submission ------------------------------------------------------------------------------


def test_otter_copies_nothing_to_the_submission_but_a_notebook_and_a_placeholder(core):
    copied = [name for name in core.namelist() if name.startswith(("files/", "tests/"))]
    assert sorted(copied) == ["files/_entry.ipynb", "tests/placeholder.py"]
    assert json.loads(core.read("files/_entry.ipynb"))["cells"] == []


def test_what_otter_copies_shares_no_line_with_suites_and_solutions(core):
    copied = b"\n".join(core.read(name) for name in core.namelist() if name.startswith(("files/", "tests/")))
    secret = {
        line.strip()
        for name in core.namelist()
        if name.startswith("payload/") and name.endswith(".py")
        for line in core.read(name).splitlines()
    }
    assert len(secret) > 1000
    assert [line for line in copied.splitlines() if len(line) > 10 and line.strip() in secret] == []


# -- otter ------------------------------------------------------------------------------------------------------------


def test_otter_knows_every_key_of_its_configuration(core):
    AutograderConfig(json.loads(core.read("otter_config.json")), require_valid_keys=True)


def test_a_key_that_otter_does_not_know_would_be_noticed():
    with pytest.raises(Exception, match="plugin"):
        AutograderConfig({"plugin": []}, require_valid_keys=True)


def test_the_configuration_names_our_plugin(core):
    (name,) = json.loads(core.read("otter_config.json"))["plugins"]
    module, _, attribute = name.rpartition(".")
    assert (module, attribute) == ("autograder.packaging.otter_plugin", "GradingPlugin")


def test_packing_leaves_otter_as_it_was(pack):
    before = dict(otter.generate.JINJA_ENV.globals), otter.generate.JINJA_ENV.loader, otter.generate.JINJA_ENV
    folder = Path.cwd()
    pack()
    assert (dict(before[2].globals), otter.generate.JINJA_ENV.loader, otter.generate.JINJA_ENV) == before
    assert Path.cwd() == folder
    assert "assignment" not in otter.generate.JINJA_ENV.globals
    assert "conda" in otter.generate.JINJA_ENV.get_template("python/setup.sh").render()


def test_otter_is_given_back_its_templates_when_it_fails(pack, monkeypatch):
    before = otter.generate.JINJA_ENV
    monkeypatch.setattr(otter.generate, "main", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pack()
    assert otter.generate.JINJA_ENV is before


# -- refusals ---------------------------------------------------------------------------------------------------------


def test_a_setup_that_installs_what_otter_would_is_refused_and_leaves_no_zip(pack, tmp_path, monkeypatch):
    read = autograder_zip._template
    monkeypatch.setattr(
        autograder_zip, "_template", lambda name: read(name) + ("conda install\n" if name == "setup.sh" else "")
    )
    with pytest.raises(UsageError, match=r"^small-autograder.zip is not as it should be: setup.sh installs conda$"):
        pack()
    assert list(tmp_path.rglob("*.zip")) == []


def test_what_otter_would_copy_to_the_submission_is_refused(pack, monkeypatch):
    made = autograder_zip._made_by_otter
    more = autograder_zip.Member("files/solution.py", b"")
    monkeypatch.setattr(autograder_zip, "_made_by_otter", lambda name: [*made(name), more])
    with pytest.raises(UsageError, match=r"files/solution.py would be copied to the submission"):
        pack()


@pytest.mark.parametrize(
    "missing", ["run_autograder", "setup.sh", "otter_config.json", "files/_entry.ipynb", "tests/placeholder.py"]
)
def test_a_zip_without_something_that_is_needed_is_refused(pack, monkeypatch, missing):
    made = autograder_zip._made_by_otter
    monkeypatch.setattr(
        autograder_zip, "_made_by_otter", lambda name: [member for member in made(name) if member.name != missing]
    )
    with pytest.raises(UsageError, match=f"{missing} is missing"):
        pack()


def test_a_refused_build_leaves_the_zip_before_it_as_it_was(pack, tmp_path, monkeypatch):
    pack()
    (path,) = tmp_path.rglob("*.zip")
    before = path.read_bytes()
    monkeypatch.setattr(autograder_zip, "_NOT_OURS", ("python3",))
    with pytest.raises(UsageError):
        pack()
    assert [(found, found.read_bytes()) for found in path.parent.iterdir()] == [(path, before)]


def test_a_full_disk_leaves_no_part_of_a_zip(pack, tmp_path, monkeypatch):
    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        pack()
    assert list((tmp_path / "dist").iterdir()) == []


def test_an_assignment_that_does_not_exist_is_named(project, tmp_path):
    with pytest.raises(UsageError, match="large"):
        build_autograder_zip(project, "large", tmp_path / "dist")
    assert not (tmp_path / "dist").exists()


# -- what grading needs -----------------------------------------------------------------------------------------------


def _requirements(core: zipfile.ZipFile) -> list[Requirement]:
    lines = core.read("requirements.txt").decode().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def test_the_version_of_every_requirement_is_held(core):
    lines = [line for line in core.read("constraints.txt").decode().splitlines() if line and not line.startswith("#")]
    held = {requirement.name for requirement in map(Requirement, lines) if "==" in str(requirement.specifier)}
    required = {requirement.name for requirement in _requirements(core)}
    assert required - held == set()
    assert {"torch", "pytest", "msgspec"} <= required


def test_neither_otter_nor_what_only_authors_use_is_installed(core):
    required = {requirement.name for requirement in _requirements(core)}
    assert required & {"otter-grader", "typer", "rich", "watchfiles", "psutil", "cosmic-ray", "hypothesis"} == set()


GRADING = ("__main__", "grade", "check_image")
ABSENCE_IS_SAID = {"yaml": "autograder.sources.by_folder"}
"""Modules that may be missing, with the module that says so: exports are never graded on Gradescope."""


def _source(module: str) -> Path | None:
    place = ROOT.joinpath(*module.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


def _imported(node: ast.AST) -> list[str]:
    """Modules that a piece of code imports, or may start as a program of its own."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
        return [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
    if isinstance(node, ast.Constant) and re.fullmatch(r"autograder(\.\w+)+", str(node.value)):
        return [str(node.value)]
    return []


def _used_by(*roots: str) -> dict[str, set[str]]:
    """Packages of others that these modules import, wherever in them or in what they import; with the importers."""
    used: dict[str, set[str]] = {}
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        module = waiting.pop()
        source = _source(module)
        if module in seen or source is None:
            continue
        seen.add(module)
        waiting += [module.rpartition(".")[0]]
        for node in ast.walk(ast.parse(source.read_text())):
            for name in _imported(node):
                top = name.partition(".")[0]
                if top == "autograder":
                    waiting.append(name)
                elif top not in sys.stdlib_module_names:
                    used.setdefault(top, set()).add(module)
    assert {"autograder.sandbox.worker", "autograder.grading.suites", "autograder.diagnosis.diagnose"} <= seen
    return used


def test_grading_imports_nothing_that_the_image_lacks(core):
    used = _used_by(*(f"autograder.gradescope.{name}" for name in GRADING), "autograder.grading.plugin")
    required = {re.sub(r"[-_.]+", "-", requirement.name).lower() for requirement in _requirements(core)}
    distributions = metadata.packages_distributions()
    missing = {
        name: importers
        for name, importers in used.items()
        if not {found.lower() for found in distributions.get(name, ())} & required
        and importers != {ABSENCE_IS_SAID.get(name)}
    }
    assert missing == {}
    assert {"torch", "pytest", "msgspec"} <= used.keys()


# -- setup.sh ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["setup.sh", "run_autograder"])
def test_bash_takes_the_script(core, tmp_path, name):
    (tmp_path / name).write_bytes(core.read(name))
    checked = subprocess.run(["bash", "-n", tmp_path / name], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert b"{{" not in core.read(name)


@pytest.mark.parametrize(
    "word", ["conda", "forge", "mamba", "tex", "chrom", "playwright", "pandoc", "jupyter", "otter"]
)
def test_setup_installs_nothing_of_what_otters_own_does(core, word):
    assert word not in re.sub(r"context|text", "", core.read("setup.sh").decode().lower())


CPU_INDEX = "https://download.pytorch.org/whl/cpu"
STUBS = {
    # The system's Python: its venv holds a Python that writes down what it is asked for.
    "python3": """
case "$*" in
    *ensurepip*) [ -z "$NO_VENV" ] ;;
    *version_info*) exit "${OLD:-0}" ;;
    --version) echo "Python 3.10.1" ;;
    "-m venv"*) mkdir -p "${@: -1}/bin"; cp "$STUBS/venv_python" "${@: -1}/bin/python" ;;
esac
""",
    "venv_python": """
echo "python $*" >> "$LOG"
case "$*" in
    *urlopen*) exit "${UNREACHABLE:-0}" ;;
    *"$BROKEN"*) [ -z "$BROKEN" ] || exit 1 ;;
esac
""",
    "apt-get": 'echo "apt-get $*" >> "$LOG"; exit "${NO_APT:-0}"',
    "ldconfig": "echo libseccomp.so.2",
    "chown": 'echo "chown $*" >> "$LOG"',
}


@pytest.fixture
def setup(core: zipfile.ZipFile, tmp_path: Path, write: Callable[..., Path]) -> Callable[..., tuple[int, str, str]]:
    """Runs setup.sh in a home of the test's own, where nothing is installed; status, what it asks for, what it says."""
    home, stubs, log = tmp_path / "home", tmp_path / "stubs", tmp_path / "log"
    script = core.read("setup.sh").decode().replace("home=/autograder", f"home={home}")
    script = script.replace("rm -rf /var/lib/apt/lists/*", "")
    assert str(home) in script
    write(home / "source", {"setup.sh": script, "engine/engine.whl": "", "payload/suite.py": ""})
    write(stubs, {name: f"#!/bin/bash\n{text}\n" for name, text in STUBS.items()})
    for stub in stubs.iterdir():
        stub.chmod(0o755)

    def run(**variables: str) -> tuple[int, str, str]:
        known = {"PATH": f"{stubs}:{os.environ['PATH']}", "STUBS": str(stubs), "LOG": str(log)}
        done = subprocess.run(
            ["bash", home / "source/setup.sh"], env=known | variables, capture_output=True, text=True, timeout=300
        )
        return done.returncode, log.read_text() if log.exists() else "", done.stdout + done.stderr

    return run


def _installs(asked: str) -> list[str]:
    return [line for line in asked.splitlines() if " pip " in line and " install " in line]


def test_setup_takes_cpu_builds_from_their_own_index(setup):
    status, asked, said = setup()
    assert status == 0, said
    torch, others, engine = _installs(asked)
    assert f"--index-url {CPU_INDEX} torch torchvision" in torch
    assert "-r " in others
    assert "requirements.txt" in others
    assert "--no-deps --no-index" in engine
    assert "engine.whl" in engine
    assert all("-c " in line and "constraints.txt" in line for line in (torch, others, engine))


def test_setup_falls_back_to_the_default_index_and_says_so(setup):
    status, asked, said = setup(UNREACHABLE="1")
    assert status == 0, said
    assert f"{CPU_INDEX} cannot be reached" in said
    others, engine = _installs(asked)
    assert "--index-url" not in others + engine
    assert "requirements.txt" in others


def test_setup_checks_the_image_and_closes_suites_and_solutions(setup, tmp_path):
    status, asked, said = setup()
    source = tmp_path / "home/source"
    assert status == 0, said
    assert f"python -I -m autograder.gradescope.check_image {source}/payload" in asked
    assert f"chown -R root:root {source}" in asked
    assert [path for path in (source, *source.rglob("*")) if path.stat().st_mode & 0o077] == []
    assert said.splitlines()[-1].startswith("setup: done: ")


def test_setup_installs_from_the_distribution_only_what_is_missing(setup):
    assert "apt-get" not in setup()[1]
    assert "install -y -qq --no-install-recommends python3 python3-venv" in setup(NO_VENV="1")[1]


@pytest.mark.parametrize(
    ("variables", "advice"),
    [
        ({"OLD": "1"}, "choose Ubuntu 22.04 or newer"),
        ({"NO_VENV": "1", "NO_APT": "100"}, "build the image again in some minutes"),
        ({"BROKEN": "--index-url"}, f"pip cannot install torch from {CPU_INDEX}"),
        ({"BROKEN": "requirements.txt"}, "pip cannot install requirements.txt"),
        ({"BROKEN": "engine.whl"}, "pip cannot install the grading engine"),
        ({"BROKEN": "check_image"}, "the image does not grade as it should"),
    ],
    ids=["old Python", "no apt", "no torch", "no requirements", "no engine", "wrong marks"],
)
def test_setup_that_fails_ends_with_advice(setup, variables, advice):
    status, _, said = setup(**variables)
    assert status != 0
    assert said.splitlines()[-1].startswith("setup: FAILED: ")
    assert advice in said.splitlines()[-1]
