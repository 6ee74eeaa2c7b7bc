"""Holds otter to what the packaging relies on, much of which it documents nowhere.

Every failure begins with "otter moved: ", says what has moved, and names the file that relies on it.
"""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

import nbformat
import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[4]
ZIP = "autograder/packaging/autograder_zip.py"
PLUGIN = "autograder/packaging/otter_plugin.py"
RUN = "autograder/packaging/otter_run.py"
NOTEBOOK = "autograder/packaging/notebook.py"
PROJECT = "pyproject.toml"
TEMPLATES = {"common/run_autograder", "common/run_otter.py", "python/setup.sh"}
EVENTS = {
    "during_generate": ["self", "otter_config", "assignment"],
    "before_grading": ["self", "config"],
    "before_execution": ["self", "submission"],
    "after_grading": ["self", "results"],
    "generate_report": ["self"],
}


def moved(what: str, relied_on_by: str) -> NoReturn:
    pytest.fail(f"otter moved: {what}; {relied_on_by} relies on it", pytrace=False)


@contextmanager
def contract(what: str, relied_on_by: str) -> Iterator[None]:
    """Any error inside means that `what` does not hold any more."""
    try:
        yield
    except Exception as error:
        moved(f"no longer true: {what} ({type(error).__name__}: {error})", relied_on_by)


# -- otter generate ---------------------------------------------------------------------------------------------------


def test_the_environment_of_the_templates_can_be_overlaid():
    with contract("otter.generate.JINJA_ENV is a jinja2 Environment with overlay() and globals", ZIP):
        import jinja2
        import otter.generate

        assert isinstance(otter.generate.JINJA_ENV, jinja2.Environment)
        overlay = otter.generate.JINJA_ENV.overlay(loader=jinja2.DictLoader({"name": "{{ value }}"}))
        overlay.globals = {"value": "ours"}
        assert overlay.get_template("name").render() == "ours"
        assert "value" not in otter.generate.JINJA_ENV.globals


@pytest.fixture
def generated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[list[str], dict[str, str]]]:
    """Runs otter.generate.main with templates that say which they are; the names it asks for, and the zip's members."""

    def generated() -> tuple[list[str], dict[str, str]]:
        import zipfile

        import jinja2
        import otter.generate

        asked: list[str] = []

        def load(name: str) -> str:
            asked.append(name)
            return f"{name} in {{{{ autograder_dir }}}}"

        overlay = otter.generate.JINJA_ENV.overlay(loader=jinja2.FunctionLoader(load))
        monkeypatch.setattr(otter.generate, "JINJA_ENV", overlay)
        monkeypatch.chdir(tmp_path)
        (tmp_path / "tests").mkdir()
        (tmp_path / "tests/placeholder.py").write_text("OK_FORMAT = True\n")
        (tmp_path / "_entry.ipynb").write_text("{}")
        (tmp_path / "otter_config.json").write_text('{"print_summary": false}')
        otter.generate.main(output_path="made.zip", files=["_entry.ipynb"])
        with zipfile.ZipFile(tmp_path / "made.zip") as file:
            return asked, {name: file.read(name).decode() for name in file.namelist()}

    return generated


def test_generate_renders_three_templates_from_the_environment_of_the_moment(generated):
    with contract(f"`otter generate` asks JINJA_ENV for {sorted(TEMPLATES)} and for nothing else", ZIP):
        asked, _ = generated()
        assert set(asked) == TEMPLATES


def test_generate_tells_templates_the_folder_and_packs_them_under_their_base_names(generated):
    with contract("templates know autograder_dir and become members of the zip named after them", ZIP):
        _, members = generated()
        for template in TEMPLATES:
            assert members[template.rpartition("/")[2]] == f"{template} in /autograder"


def test_generate_packs_tests_files_and_configuration_where_we_take_them_from(generated):
    with contract("the zip holds tests/, files/, otter_config.json, environment.yml and the three programs", ZIP):
        _, members = generated()
        assert members.keys() == {
            *(template.rpartition("/")[2] for template in TEMPLATES),
            *("tests/placeholder.py", "files/_entry.ipynb", "otter_config.json", "environment.yml"),
        }
        assert json.loads(members["otter_config.json"]) == {"print_summary": False}


def test_otters_own_templates_have_the_names_that_ours_replace():
    with contract(f"otter has the templates {sorted(TEMPLATES)}", ZIP):
        import otter.generate

        assert set(otter.generate.JINJA_ENV.list_templates()) >= TEMPLATES


def test_generate_takes_the_zips_path_and_the_files():
    with contract("otter.generate.main takes output_path and files by keyword and can do with these two", ZIP):
        import otter.generate

        inspect.signature(otter.generate.main).bind(output_path="a.zip", files=["b"])


def test_the_working_directory_can_be_changed_for_a_while(tmp_path):
    with contract("otter.utils.chdir enters a folder and comes back", ZIP):
        from otter.utils import chdir

        before = Path.cwd()
        with chdir(str(tmp_path)):
            assert Path.cwd() == tmp_path.resolve()
        assert Path.cwd() == before


@pytest.mark.parametrize("key", ["plugins", "print_summary"])
def test_the_configuration_has_the_keys_that_we_set(key):
    with contract(f"otter_config.json may hold {key}", ZIP):
        from otter.run import AutograderConfig

        AutograderConfig({key: [] if key == "plugins" else False}, require_valid_keys=True)


# -- plugins ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_takes_what_it_took(event):
    with contract(f"the plugin event {event} is there and takes {EVENTS[event]}", PLUGIN):
        from otter.plugins import AbstractOtterPlugin

        assert list(inspect.signature(getattr(AbstractOtterPlugin, event)).parameters) == EVENTS[event]


def test_a_plugin_that_leaves_an_event_out_is_no_error():
    with contract("an event that a plugin does not have is passed over", PLUGIN):
        from otter.plugins import PluginCollection

        collection = PluginCollection(["autograder.packaging.otter_plugin.GradingPlugin"], "", {})
        assert collection.run("during_generate", {}, None) == [None]
        assert collection.generate_report() == ""


def test_what_a_plugin_is_made_with_is_kept():
    with contract("AbstractOtterPlugin(submission_path, submission_metadata, plugin_config) keeps all three", PLUGIN):
        from otter.plugins import AbstractOtterPlugin

        plugin = AbstractOtterPlugin("/a/b.ipynb", {"id": 1}, {"c": 2})
        assert (plugin.submission_path, plugin.submission_metadata, plugin.plugin_config) == (
            "/a/b.ipynb",
            {"id": 1},
            {"c": 2},
        )


RECORDER = '''
import json, os
from functools import partial
from pathlib import Path

import nbformat
from otter.plugins import AbstractOtterPlugin


class Recorder(AbstractOtterPlugin):
    """Writes down what it is told, puts another notebook and another document in."""

    def note(self, event, **seen):
        folder = Path(self.submission_path).parent.parent
        seen |= {"event": event, "name": self.name, "folder": os.getcwd(), "path": self.submission_path,
                 "metadata": self.submission_metadata, "config": self.plugin_config,
                 "written": (folder / "results" / "results.json").exists()}
        with open(os.environ["RECORD"], "a") as file:
            file.write(json.dumps(seen) + "\\n")

    name = "recorder"

    def before_grading(self, config):
        files = sorted(path.relative_to(os.getcwd()).as_posix() for path in Path.cwd().rglob("*") if path.is_file())
        source = sorted(os.listdir(Path(self.submission_path).parents[1]))
        empty = Path("__init__.py").stat().st_size == 0
        self.note("before_grading", files=files, source=source, empty=empty, given=type(config).__name__)

    def before_execution(self, submission):
        sources = [cell.source for cell in submission.cells]
        self.note("before_execution", given=type(submission).__name__, sources=sources)
        marker = os.environ["RECORD"] + ".replaced"
        cell = nbformat.v4.new_code_cell(f"open({marker!r}, 'w').close()")
        notebook = nbformat.v4.new_notebook(cells=[cell])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        return notebook

    def after_grading(self, results):
        self.note("after_grading", given=type(results).__name__, tests=sorted(results.results), output=results.output)
        results.to_gradescope_dict = partial(lambda document, config: document, {"score": 7, "tests": []})
        return {"score": 1000}

    def generate_report(self):
        self.note("generate_report")
        return ""


class Plain(Recorder):
    name = "plain"

    def before_execution(self, submission):
        self.note("before_execution", given=type(submission).__name__, sources=[c.source for c in submission.cells])
        return submission
'''
PLACEHOLDER = (ROOT / "autograder/packaging/templates/autograder/placeholder.py").read_text()
ENTRY = (ROOT / "autograder/packaging/templates/autograder/entry.ipynb").read_text()


@dataclass(frozen=True)
class Recorded:
    """A run of otter with the recording plugin, and what that has written down."""

    process: subprocess.CompletedProcess[str]
    record: Path
    out: Path

    def events(self, plugin: str = "recorder") -> list[dict[str, Any]]:
        assert self.process.returncode == 0, self.process.stderr
        lines = [json.loads(line) for line in self.record.read_text().splitlines()]
        return [line for line in lines if line["name"] == plugin]

    def event(self, name: str) -> dict[str, Any]:
        (found,) = (event for event in self.events() if event["event"] == name)
        return found

    @property
    def results(self) -> Any:
        return json.loads((self.out / "results.json").read_text())


@pytest.fixture(scope="module")
def recording(
    tmp_path_factory: pytest.TempPathFactory,
    otter: Callable[..., subprocess.CompletedProcess[str]],
    zipped: Callable[..., Path],
) -> Callable[[str, dict[str, str], dict[str, str]], Recorded]:
    """Runs otter with the recorder on a submission, a zip or one file, with these files in the autograder's zip."""

    def recording(name: str, submission: dict[str, str], files: dict[str, str]) -> Recorded:
        folder = tmp_path_factory.mktemp(name)
        (folder / "plugins").mkdir()
        (folder / "plugins/recorder.py").write_text(RECORDER)
        plugins = ["recorder.Plain", {"recorder.Recorder": {"key": "value"}}]
        configuration = json.dumps({"plugins": plugins, "print_summary": False})
        package = zipped(
            folder / "package.zip",
            {"otter_config.json": configuration, "tests/placeholder.py": PLACEHOLDER, "payload/suite.py": ""} | files,
        )
        if len(submission) == 1:
            ((file, text),) = submission.items()
            handed_in = folder / file
            handed_in.write_text(text)
        else:
            handed_in = zipped(folder / "handed_in.zip", submission)
        variables = {"RECORD": str(folder / "record"), "PYTHONPATH": str(folder / "plugins")}
        return Recorded(otter(package, handed_in, folder / "out", **variables), folder / "record", folder / "out")

    return recording


MARKER = "open(__import__('os').environ['RECORD'] + '.submission', 'w').close()"


@pytest.fixture(scope="module")
def script(recording) -> Recorded:
    """A run with a single script."""
    return recording("script", {"mine.py": MARKER}, {})


@pytest.fixture(scope="module")
def staged(recording) -> Recorded:
    """A run as ours are: all that was handed in is in a folder, and the notebook comes with the zip."""
    inside = {"handed_in/a.py": "", "handed_in/b.py": "", "handed_in/c.ipynb": "{}", "handed_in/d.ipynb": "{}"}
    return recording("staged", inside | {"tests/forged.py": ""}, {"files/_entry.ipynb": ENTRY, "files/inner/e.py": ""})


def test_plugins_are_named_by_a_text_or_by_an_object_with_their_configuration(script):
    with contract('otter_config.json names plugins as "module.Class" or as {"module.Class": {...}}', ZIP):
        assert script.events("plain")[0]["config"] == {}
        assert script.events("recorder")[0]["config"] == {"key": "value"}


def test_events_come_in_their_order(script):
    with contract("events come in the order before_grading, before_execution, after_grading, report", PLUGIN):
        seen = [event["event"] for event in script.events()]
        assert seen == ["before_grading", "before_execution", "after_grading", "generate_report"]


def test_results_are_written_after_the_last_event(script):
    with contract("results.json is written after all events, from what they have left", PLUGIN):
        assert [event["written"] for event in script.events()] == [False] * 4


def test_a_plugin_is_told_the_path_of_the_submission_within_its_folder(staged):
    with contract("submission_path is <home>/submission/<file>, with source/ and metadata beside", PLUGIN):
        event = staged.event("before_grading")
        path = Path(event["path"])
        assert path.is_absolute()
        assert (path.name, path.parent.name) == ("_entry.ipynb", "submission")
        assert Path(event["folder"]) == path.parent
        assert set(event["source"]) >= {"source", "submission", "submission_metadata.json"}
        assert "graded" not in event["source"]


def test_the_metadata_of_a_run_without_gradescope_is_empty(script):
    with contract("`otter run` gives plugins empty metadata", PLUGIN):
        assert script.event("before_grading")["metadata"] == {}


def test_a_script_reaches_the_plugin_as_a_notebook(script):
    with contract("before_execution is given a NotebookNode, for a script too", PLUGIN):
        event = script.event("before_execution")
        assert (event["given"], event["sources"]) == ("NotebookNode", [MARKER])


def test_the_notebook_that_a_plugin_returns_is_the_one_that_runs(script):
    with contract("what before_execution returns is executed instead of the submission", PLUGIN):
        assert script.process.returncode == 0, script.process.stderr
        assert Path(f"{script.record}.replaced").exists()
        assert not Path(f"{script.record}.submission").exists()


def test_results_reach_the_plugin_as_they_were_graded(script):
    with contract("after_grading is given GradingResults with the attributes results and output", PLUGIN):
        event = script.event("after_grading")
        assert (event["given"], event["tests"], event["output"]) == ("GradingResults", ["placeholder"], None)


def test_results_are_written_from_to_gradescope_dict_and_not_from_what_a_plugin_returns(script):
    with contract("results.json is what results.to_gradescope_dict(config) returns", PLUGIN):
        assert script.events()
        assert script.results == {"score": 7, "tests": []}


def test_a_run_that_went_well_ends_with_status_0(script):
    with contract("`otter run` ends with status 0 after grading", RUN):
        assert script.process.returncode == 0, script.process.stderr


# -- what otter makes of a submission ---------------------------------------------------------------------------------


def test_folders_of_a_submission_are_not_looked_into(staged):
    with contract("otter takes the one notebook at the top of a submission, whatever lies in folders", RUN):
        assert Path(staged.event("before_grading")["path"]).name == "_entry.ipynb"
        assert {"handed_in/a.py", "handed_in/b.py", "handed_in/c.ipynb", "handed_in/d.ipynb"} <= set(
            staged.event("before_grading")["files"]
        )


def test_the_zips_files_and_tests_are_all_that_is_copied_to_the_submission(staged):
    with contract("files/* and tests/ of the zip, and an empty __init__.py, are what comes to the submission", PLUGIN):
        event = staged.event("before_grading")
        copied = {name for name in event["files"] if not name.startswith("handed_in/")}
        assert copied == {"_entry.ipynb", "inner/e.py", "tests/placeholder.py", "__init__.py"}
        assert event["empty"]


@pytest.mark.parametrize(
    ("suffix", "complaint"), [(".py", "More than one Python file"), (".ipynb", "More than one .ipynb file")]
)
def test_several_files_are_refused_unless_they_are_staged(recording, suffix, complaint):
    refused = recording("refused", {f"a{suffix}": "{}", f"b{suffix}": "{}"}, {})
    with contract(f"`otter run` refuses several files ending with {suffix}, with an exit status", RUN):
        assert refused.process.returncode != 0
        assert complaint in refused.process.stderr
        assert not (refused.out / "results.json").exists()


# -- results ----------------------------------------------------------------------------------------------------------


def _test_file(name: str, passed: bool, error: str | None, points: float) -> dict[str, Any]:
    case = {"name": "title", "code": "", "points": points, "hidden": True}
    case |= {"success_message": None, "failure_message": None}
    return {"filename": f"{name}.py", "test_case_results": [{"passed": passed, "error": error, "test_case": case}]}


def test_results_of_others_are_taken_in_the_form_of_its_r_client():
    with contract("GradingResults.from_ottr_json takes test_file_results with one case each", PLUGIN):
        from otter.test_files import GradingResults

        files = [_test_file("a.test_b[1|2]", True, None, 2.5), _test_file("c", False, "wrong", 1.5)]
        taken = GradingResults.from_ottr_json(json.dumps({"test_file_results": files}))
        assert list(taken.results) == ["a.test_b[1|2]", "c"]
        assert (taken.total, taken.possible) == (2.5, 4.0)
        assert taken.results["c"].test_case_results[0].message == "wrong"


def test_results_can_be_replaced_and_pickled():
    with contract("GradingResults lets results, output and to_gradescope_dict be set, and is written by dill", PLUGIN):
        import dill
        from otter.test_files import GradingResults

        from autograder.packaging.otter_plugin import GradingPlugin

        plugin = GradingPlugin("", {}, {})
        plugin._result, plugin._document = None, {"score": 1, "tests": [], "output": "said"}
        results = GradingResults([])
        plugin.after_grading(results)
        again = dill.loads(dill.dumps(results))
        assert (again.results, again.output) == ({}, "said")
        assert again.to_gradescope_dict(None) == {"score": 1, "tests": [], "output": "said"}


# -- what is installed with it ----------------------------------------------------------------------------------------


def test_the_extra_that_we_ask_for_brings_a_kernel():
    with contract("the extra `grading` brings ipykernel, without which `otter run` finds no kernel", PROJECT):
        required = [Requirement(line) for line in metadata.requires("otter-grader") or ()]
        extra = [each for each in required if each.marker is None or each.marker.evaluate({"extra": "grading"})]
        assert "ipykernel" in {each.name for each in extra}


def test_the_kernel_python3_can_be_found():
    with contract("a kernel named python3 is installed", PLUGIN):
        from jupyter_client.kernelspec import KernelSpecManager

        assert KernelSpecManager().get_kernel_spec("python3").language == "python"


def test_otter_can_be_run_as_a_module():
    with contract("`python -m otter run` has the options --no-logo, -a and -o", RUN):
        shown = subprocess.run(
            [sys.executable, "-m", "otter", "run", "--help"], capture_output=True, text=True, check=True
        ).stdout
        assert all(option in shown for option in ("--no-logo", "-a, --autograder", "-o, --output-dir", "SUBMISSION"))


# -- otter assign -----------------------------------------------------------------------------------------------------


def test_assign_knows_the_options_that_the_notebook_sets():
    with contract("`otter assign` knows all keys of our ASSIGNMENT CONFIG and takes them as they are", NOTEBOOK):
        import yaml
        from otter.assign.assignment import Assignment

        from autograder.packaging.notebook import _CONFIG

        options = yaml.safe_load(_CONFIG)
        assert options.keys() > {"init_cell", "export_cell"}
        known = Assignment(options, require_valid_keys=True)
        assert {name: getattr(known, name) for name in options} == dict.fromkeys(options, False)


@pytest.mark.parametrize("options", [{"init_cel": False}, {"tests": {"ok_formats": False}}])
def test_assign_refuses_an_option_that_it_does_not_know(options):
    with contract("a key that `otter assign` does not know is an error", NOTEBOOK):
        from otter.assign.assignment import Assignment

        try:
            Assignment(options, require_valid_keys=True)
        except Exception as error:
            refusal = str(error)
        else:
            refusal = ""
        assert "init_cel" in refusal or "ok_formats" in refusal


def test_assign_is_called_with_paths_and_two_refusals():
    with contract("otter.assign.main takes source and target, no_pdfs and no_run_tests", NOTEBOOK):
        from otter.assign import main

        inspect.signature(main).bind("source", "target", no_pdfs=True, no_run_tests=True)


SOLUTION = """def one():
    # BEGIN SOLUTION NO PROMPT
    return 1
    # END SOLUTION
    \"\"\"  # BEGIN PROMPT
    raise NotImplementedError("x")
    \"\"\"  # END PROMPT"""
QUESTION = (
    ("raw", "# BEGIN QUESTION\nname: one"),
    ("markdown", "Add one."),
    ("raw", "# BEGIN SOLUTION"),
    ("code", SOLUTION),
    ("raw", "# END SOLUTION"),
    ("raw", "# END QUESTION"),
)


def test_assign_makes_students_cells_from_its_markers(tmp_path, monkeypatch):
    from autograder.packaging.notebook import _CONFIG

    cells = [getattr(nbformat.v4, f"new_{kind}_cell")(text) for kind, text in (("raw", _CONFIG), *QUESTION)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), tmp_path / "source.ipynb")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with contract("markers of questions, solutions and prompts mean what they meant", NOTEBOOK):
        from otter.assign import main

        main(str(tmp_path / "source.ipynb"), str(tmp_path / "made"), no_pdfs=True, no_run_tests=True)
        student = nbformat.read(tmp_path / "made/student/source.ipynb", as_version=4)
        sources = [cell.source for cell in student.cells if cell.cell_type == "code"]
        assert 'def one():\n    raise NotImplementedError("x")' in [source.strip() for source in sources]


# -- the tests themselves ---------------------------------------------------------------------------------------------


def _failure(test: Callable[[], object]) -> str:
    with pytest.raises(pytest.fail.Exception) as caught:
        test()
    return str(caught.value)


def test_a_name_that_has_gone_is_told_in_words(monkeypatch):
    import otter.generate

    monkeypatch.delattr(otter.generate, "JINJA_ENV")
    said = _failure(test_the_environment_of_the_templates_can_be_overlaid)
    assert said.startswith("otter moved: no longer true: otter.generate.JINJA_ENV is a jinja2 Environment")
    assert said.endswith(f"; {ZIP} relies on it")


def test_another_signature_is_told_in_words(monkeypatch):
    import otter.plugins

    monkeypatch.setattr(otter.plugins.AbstractOtterPlugin, "after_grading", lambda self, results, notebook: None)
    said = _failure(lambda: test_an_event_takes_what_it_took("after_grading"))
    assert said.startswith("otter moved: ")
    assert said.endswith(f"; {PLUGIN} relies on it")


def test_a_run_that_fails_is_told_in_words(script):
    failed = subprocess.CompletedProcess([], 1, "", "NoSuchKernel: python3")
    said = _failure(lambda: test_events_come_in_their_order(Recorded(failed, script.record, script.out)))
    assert said.startswith("otter moved: ")
    assert "NoSuchKernel" in said
