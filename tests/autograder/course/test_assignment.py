"""Reading assignment.toml and exercise.toml: what they may hold, and what is said when they hold something else."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec
import pytest

from autograder.course import assignment
from autograder.course.assignment import Deadline, Exercise, Feedback, Limits, load_assignment
from autograder.course.layout import find_project
from autograder.errors import UsageError

HEAD = 'title = "Week 4"\nname = "week4"\n'
ONE = 'exercises = ["se_block"]\n'
TWO = 'exercises = ["se_block", "lstm_cell"]\n'
EXERCISE = 'title = "SE block"\npoints = 15\nnames = ["SEBlock"]\n'
SECOND = 'title = "LSTM"\npoints = 20\nnames = ["LSTMCell"]\n'

FILE = "assignments/week4/assignment.toml"
DESCRIBED = "tests/week4/se_block/exercise.toml"
FORBIDDEN = Path(assignment.__file__).with_name("forbidden.toml")
SETS = ", ".join(f"@{name}" for name in msgspec.toml.decode(FORBIDDEN.read_bytes()))


@pytest.fixture
def load(tmp_path):
    """Writes a text as assignment.toml of `week4`, with its exercises `se_block` and `lstm_cell`, and reads it."""

    def write_and_load(text, exercise=EXERCISE):
        files = {FILE: text, DESCRIBED: exercise, "tests/week4/lstm_cell/exercise.toml": SECOND}
        for name, content in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_assignment(tmp_path, "week4")

    return write_and_load


@pytest.fixture
def refusal(load):
    """What is said about a text that is not right."""

    def message(text, exercise=EXERCISE):
        with pytest.raises(UsageError) as caught:
            load(text, exercise)
        return str(caught.value)

    return message


def test_what_is_left_out_has_a_default(load):
    assignment = load(HEAD + ONE)
    assert (assignment.title, assignment.name) == ("Week 4", "week4")
    assert assignment.notebook is None
    assert assignment.limits == Limits(load_seconds=15.0, question_seconds=10.0, exercise_seconds=60.0, memory_mb=2048)
    assert assignment.feedback == Feedback(hidden_tests="after_due_date")
    assert assignment.deadline is None
    assert assignment.exercises == (
        Exercise(
            name="se_block", title="SE block", points=15, names=("SEBlock",), needs_torchvision=False, forbidden=()
        ),
    )


def test_every_key_is_read(load):
    assignment = load(
        HEAD
        + ONE
        + 'notebook = "week4.ipynb"\n'
        + "[limits]\nload_seconds = 3\nquestion_seconds = 0.5\nexercise_seconds = 7.25\nmemory_mb = 512\n"
        + '[feedback]\nhidden_tests = "hidden"\n'
        + "[deadline]\ndue = 2026-12-06T23:59:00+09:00\nlate_penalty_per_day = 0.1\nlate_days = 3\n",
        EXERCISE
        + 'needs_torchvision = true\nforbidden = ["torch.nn.LSTM*", "torch.ops.aten.*lstm*", "timm"]\n'
        + 'hints = ["Look."]\n',
    )
    assert assignment.notebook == "week4.ipynb"
    assert assignment.limits == Limits(load_seconds=3.0, question_seconds=0.5, exercise_seconds=7.25, memory_mb=512)
    assert assignment.feedback.hidden_tests == "hidden"
    due = datetime(2026, 12, 6, 23, 59, tzinfo=timezone(timedelta(hours=9)))
    assert assignment.deadline == Deadline(due=due, late_penalty_per_day=0.1, late_days=3)
    assert assignment.deadline.due.utcoffset() == timedelta(hours=9)
    exercise = assignment.exercise("se_block")
    assert exercise.needs_torchvision
    assert exercise.forbidden == ("torch.nn.LSTM*", "torch.ops.aten.*lstm*", "timm")
    assert exercise.hints == ("Look.",)


def test_a_named_set_stands_for_all_its_names(load):
    exercise = load(HEAD + ONE, EXERCISE + 'forbidden = ["torch.a", "@torchvision", "torch.b"]\n').exercise("se_block")
    assert exercise.forbidden == ("torch.a", "torchvision.models.*", "torchvision.ops.*", "torch.b")


def test_late_work_is_not_accepted_unless_asked_for(load):
    assignment = load(HEAD + ONE + "[deadline]\ndue = 2026-12-06T23:59:00Z\n")
    assert (assignment.deadline.late_penalty_per_day, assignment.deadline.late_days) == (0.0, 0)


def test_exercises_keep_their_order_and_points_add_up(load):
    assignment = load(HEAD + TWO)
    assert assignment.exercise_names == ("se_block", "lstm_cell")
    assert assignment.total_points == 35
    assert assignment.exercise("lstm_cell") is assignment.exercises[1]


def test_an_assignment_cannot_be_changed(load):
    assignment = load(HEAD + ONE)
    with pytest.raises(AttributeError):
        assignment.title = "Week 5"
    with pytest.raises(AttributeError):
        assignment.exercises[0].points = 100


def test_an_unknown_exercise_gets_a_suggestion(load):
    with pytest.raises(UsageError) as caught:
        load(HEAD + TWO).exercise("lstm_sell")
    assert str(caught.value) == (
        'assignment "week4" has no exercise "lstm_sell" (did you mean "lstm_cell"?); it has se_block, lstm_cell'
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            HEAD + ONE + "[limit]\nload_seconds = 1.0\n",
            'unknown key "limit" (did you mean "limits"?); the keys here are '
            "title, name, exercises, language, notebook, not_allowed, limits, feedback, deadline, gradescope, draft",
            id="misspelt table",
        ),
        pytest.param(
            HEAD + ONE + "[limits]\nseconds_to_load = 1.0\n",
            '[limits]: unknown key "seconds_to_load"; the keys here are '
            "load_seconds, question_seconds, exercise_seconds, memory_mb",
            id="unknown limit",
        ),
        pytest.param('name = "week4"\n' + ONE, 'key "title" is missing; add it', id="no title"),
        pytest.param(HEAD, 'key "exercises" is missing; add it', id="no exercises"),
        pytest.param(
            HEAD + "exercises = []\n",
            'there is no exercise; name at least one, as in exercises = ["residual_block"]',
            id="empty exercises",
        ),
        pytest.param(
            HEAD + 'exercises = ["se_block", "se_block"]\n',
            'key "exercises" has "se_block" twice; remove one of them',
            id="same name",
        ),
        pytest.param(
            HEAD + ONE + 'notebook = "../core.ipynb"\n',
            'key "notebook": "../core.ipynb" is not a plain file name; write it like "core.ipynb"',
            id="notebook elsewhere",
        ),
        pytest.param(
            HEAD + ONE + 'notebook = "core.py"\n',
            'key "notebook": "core.py" is not a plain file name; write it like "core.ipynb"',
            id="notebook of another kind",
        ),
        pytest.param(
            HEAD + ONE + "limits = 3\n",
            'key "limits" must be a table; it is a whole number',
            id="number for a table",
        ),
        pytest.param(
            HEAD + ONE + "deadline = 2026-12-06\n",
            'key "deadline" must be a table; it is a date without a time',
            id="date for a table",
        ),
        pytest.param(
            HEAD + ONE + "[limits]\nload_seconds = 0\n",
            '[limits]: key "load_seconds" must be more than 0',
            id="no time",
        ),
        pytest.param(
            HEAD + ONE + "[limits]\nquestion_seconds = nan\n",
            '[limits]: key "question_seconds" must be more than 0',
            id="time that is not a number",
        ),
        pytest.param(
            HEAD + ONE + "[limits]\nexercise_seconds = inf\n",
            '[limits]: key "exercise_seconds" must be finite; give a number of seconds',
            id="endless time",
        ),
        pytest.param(
            HEAD + ONE + '[limits]\nmemory_mb = "2 GB"\n',
            '[limits]: key "memory_mb" must be a whole number; it is text in " "',
            id="memory with a unit",
        ),
        pytest.param(
            HEAD + ONE + '[feedback]\nhidden_tests = "after_deadline"\n',
            '[feedback]: key "hidden_tests" must be one of visible, after_due_date, after_published, hidden',
            id="unknown visibility",
        ),
        pytest.param(
            HEAD + ONE + "[deadline]\ndue = 2026-12-06T23:59:00\n",
            '[deadline]: key "due" must be a date with time and offset, as in 2026-12-06T23:59:00+09:00; '
            "the offset is missing",
            id="due without an offset",
        ),
        pytest.param(
            HEAD + ONE + "[deadline]\ndue = 2026-12-06\n",
            '[deadline]: key "due" must be a date with time and offset, as in 2026-12-06T23:59:00+09:00; '
            "it is a date without a time",
            id="due without a time",
        ),
        pytest.param(
            HEAD + ONE + "[deadline]\nlate_days = 2\n",
            '[deadline]: key "due" is missing; add it',
            id="deadline without due",
        ),
        pytest.param(
            HEAD + ONE + "[deadline]\ndue = 2026-12-06T23:59:00Z\nlate_penalty_per_day = 10\n",
            '[deadline]: key "late_penalty_per_day" must be at most 1',
            id="penalty in per cent",
        ),
        pytest.param(
            HEAD + ONE + "[deadline]\ndue = 2026-12-06T23:59:00Z\nlate_days = -1\n",
            '[deadline]: key "late_days" must be at least 0',
            id="negative days",
        ),
        pytest.param(
            HEAD.replace("week4", "week5") + ONE,
            'key "name" is "week5", the folder is "week4"; make them the same',
            id="name of another folder",
        ),
        pytest.param(b'title = "\xff"\n', "byte 9 is not UTF-8; save the file as UTF-8", id="other encoding"),
        pytest.param(
            HEAD + 'exercises = ["total"]\n',
            'key "exercises", number 1: "total" is a column of grades.csv already; choose another name',
            id="name of a column",
        ),
        pytest.param(
            HEAD + 'exercises = ["se_block", "../se_block"]\n',
            'key "exercises", number 2: "../se_block" must be lower-case letters, digits and _, and begin with '
            "a letter",
            id="path as a name",
        ),
        pytest.param(
            HEAD + 'exercises = ["se_block", 3]\n',
            'key "exercises", number 2: must be the name of an exercise, or of another assignment\'s, '
            '{ use = "core/se_block" }',
            id="number for an exercise",
        ),
        pytest.param(
            HEAD + 'exercises = "se_block"\n',
            'key "exercises" must be a list in [ ]; it is text in " "',
            id="text for a list",
        ),
        pytest.param(
            HEAD + 'exercises = ["se_block", "lstm_cel"]\n',
            'key "exercises", number 2: there is no tests/week4/lstm_cel/exercise.toml (did you mean "lstm_cell"?); '
            'write it, or remove "lstm_cel" from the list',
            id="an exercise that is not there",
        ),
    ],
)
def test_what_is_wrong_with_an_assignment_is_said_with_file_key_and_remedy(refusal, text, said):
    assert refusal(text) == f"{FILE}: {said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            EXERCISE.replace("points", "pionts"),
            'unknown key "pionts" (did you mean "points"?); the keys here are '
            "title, points, names, needs_torchvision, forbidden, hints, draft",
            id="misspelt key of an exercise",
        ),
        pytest.param(
            EXERCISE.replace("15", "15.5"),
            'key "points" must be a whole number; it is a decimal number',
            id="fraction of a point",
        ),
        pytest.param(
            EXERCISE.replace("15", "true"),
            'key "points" must be a whole number; it is true or false',
            id="truth value for points",
        ),
        pytest.param(
            EXERCISE.replace("15", "0"),
            'key "points" must be at least 1',
            id="no points",
        ),
        pytest.param(
            EXERCISE.replace('["SEBlock"]', '"SEBlock"'),
            'key "names" must be a list in [ ]; it is text in " "',
            id="text for a list",
        ),
        pytest.param(
            EXERCISE.replace('["SEBlock"]', '["SEBlock", 3]'),
            'key "names[1]" must be text in " "; it is a whole number',
            id="number in a list of names",
        ),
        pytest.param(
            EXERCISE.replace('["SEBlock"]', "[]"),
            'key "names" is empty; name what the file must define, as in names = ["ResidualBlock"]',
            id="no names",
        ),
        pytest.param(
            EXERCISE.replace('["SEBlock"]', '["SE block"]'),
            'key "names": "SE block" is not a name that Python code can define',
            id="name with a space",
        ),
        pytest.param(
            EXERCISE.replace('"SE block"', '" "'),
            'key "title" is empty; write the title that students see',
            id="blank title",
        ),
        pytest.param(
            EXERCISE + 'forbidden = ["*"]\n',
            'key "forbidden": "*" is not a dotted name; write it like "torch.nn.LSTM*"',
            id="everything forbidden",
        ),
        pytest.param(
            EXERCISE + 'forbidden = ["torch nn"]\n',
            'key "forbidden": "torch nn" is not a dotted name; write it like "torch.nn.LSTM*"',
            id="forbidden name with a space",
        ),
        pytest.param(EXERCISE.replace("points = 15\n", ""), 'key "points" is missing; add it', id="missing key"),
        pytest.param(
            EXERCISE + 'name = "se_block"\n',
            'unknown key "name" (did you mean "names"?); the keys here are '
            "title, points, names, needs_torchvision, forbidden, hints, draft",
            id="a name beside the folder's",
        ),
        pytest.param(
            EXERCISE + 'forbidden = ["@recurent"]\n',
            f'key "forbidden": there is no set "@recurent" (did you mean "@recurrent"?); there are {SETS}',
            id="misspelt set",
        ),
        pytest.param(
            EXERCISE + 'hints = ["Look.", " "]\n',
            'key "hints" has an empty hint; write one, or remove it',
            id="empty hint",
        ),
        pytest.param(b"\xff", "byte 0 is not UTF-8; save the file as UTF-8", id="other encoding"),
    ],
)
def test_what_is_wrong_with_an_exercise_is_said_with_file_key_and_remedy(refusal, text, said):
    assert refusal(HEAD + ONE, text) == f"{DESCRIBED}: {said}"


def test_broken_toml_of_an_exercise_is_said_with_its_line(refusal):
    message = refusal(HEAD + ONE, EXERCISE + 'forbidden = ["a\n')
    assert message.startswith(f"{DESCRIBED}: not valid TOML: ")
    assert "line 4" in message


def test_broken_toml_is_said_with_its_line(refusal):
    message = refusal(HEAD + 'notebook = "week4.ipynb\n')
    assert message.startswith(f"{FILE}: not valid TOML: ")
    assert "line 3" in message


@pytest.mark.parametrize("wrong", ["kore", "CORE", "assignments/core", "../assignments/core", "", "."])
def test_an_unknown_assignment_names_those_there_are(tmp_path, wrong):
    for name in ("core", "review"):
        (tmp_path / "assignments" / name).mkdir(parents=True)
        (tmp_path / "assignments" / name / "assignment.toml").touch()
    with pytest.raises(UsageError, match=r"there are: core, review$") as caught:
        load_assignment(tmp_path, wrong)
    assert str(caught.value).startswith(f'no assignment "{wrong}" in {tmp_path / "assignments"}')


def test_an_unknown_assignment_gets_a_suggestion(tmp_path):
    (tmp_path / "assignments" / "core").mkdir(parents=True)
    (tmp_path / "assignments" / "core" / "assignment.toml").touch()
    with pytest.raises(UsageError, match=r'\(did you mean "core"\?\)'):
        load_assignment(tmp_path, "cor")


def test_a_project_without_assignments_says_so(tmp_path):
    (tmp_path / "assignments" / "core").mkdir(parents=True)
    with pytest.raises(UsageError, match="the project has none yet"):
        load_assignment(tmp_path, "core")


@pytest.fixture(scope="module")
def core():
    return load_assignment(find_project(Path(__file__)), "core")


def test_core_has_its_exercises_and_points(core):
    assert {exercise.name: exercise.points for exercise in core.exercises} == {
        "residual_block": 20,
        "se_block": 15,
        "depthwise_separable_conv": 15,
        "lstm_cell": 20,
        "clip_grad": 15,
        "replace_head": 15,
    }
    assert core.total_points == 100


def test_core_has_the_default_times_and_memory_for_the_smallest_container(core):
    assert core.limits == msgspec.convert({"memory_mb": 384}, Limits)


def forbids(exercise, name):
    return any(fnmatchcase(name, pattern) for pattern in exercise.forbidden)


@pytest.mark.parametrize(
    ("exercise", "name"),
    [
        *(
            (exercise, name)
            for exercise in ("residual_block", "se_block", "depthwise_separable_conv")
            for name in (
                "torchvision.models.resnet.BasicBlock",
                "torchvision.models.resnet18",
                "torchvision.ops.SqueezeExcitation",
                "torchvision.ops.misc.Conv2dNormActivation",
            )
        ),
        ("lstm_cell", "torch.nn.LSTMCell"),
        ("lstm_cell", "torch.nn.LSTM"),
        ("lstm_cell", "torch.nn.RNNCellBase"),
        ("lstm_cell", "torch.nn.GRUCell"),
        ("lstm_cell", "torch.nn.modules.rnn.LSTMCell"),
        ("lstm_cell", "torch.nn.modules.LSTMCell"),
        ("lstm_cell", "torch.ao.nn.quantizable.LSTMCell"),
        ("lstm_cell", "torch.nn.quantized.dynamic.LSTMCell"),
        ("lstm_cell", "torch.lstm"),
        ("lstm_cell", "torch.lstm_cell"),
        ("lstm_cell", "torch.rnn_tanh_cell"),
        ("lstm_cell", "torch.gru_cell"),
        ("lstm_cell", "torch.quantized_lstm_cell"),
        ("lstm_cell", "torch._VF.lstm_cell"),
        ("lstm_cell", "torch._C._VariableFunctions.lstm_cell"),
        ("lstm_cell", "torch._thnn_fused_lstm_cell"),
        ("lstm_cell", "torch._decomp.decompositions.lstm_cell"),
        ("lstm_cell", "torch.ops.aten.lstm_cell.default"),
        ("lstm_cell", "torch.ops.aten._thnn_fused_lstm_cell"),
        ("lstm_cell", "torch.ops.aten.mkldnn_rnn_layer"),
        ("clip_grad", "torch.nn.utils.clip_grad_norm_"),
        ("clip_grad", "torch.nn.utils.clip_grad_value_"),
        ("clip_grad", "torch.nn.utils.clip_grads_with_norm_"),
        ("clip_grad", "torch.nn.utils.clip_grad.clip_grad_norm_"),
        ("clip_grad", "torch.nn.utils.clip_grad._get_total_norm"),
        ("clip_grad", "torch.nn.utils.get_total_norm"),
        ("clip_grad", "torch._foreach_norm"),
        ("clip_grad", "torch.ops.aten._foreach_norm.Scalar"),
    ],
)
def test_core_forbids_what_is_the_exercise_itself(core, exercise, name):
    assert forbids(core.exercise(exercise), name)


@pytest.mark.parametrize(
    ("exercise", "name"),
    [
        ("residual_block", "torch.nn.Conv2d"),
        ("residual_block", "torch.nn.BatchNorm2d"),
        ("se_block", "torch.nn.AdaptiveAvgPool2d"),
        ("depthwise_separable_conv", "torch.nn.functional.conv2d"),
        ("lstm_cell", "torch.nn.Linear"),
        ("lstm_cell", "torch.nn.ParameterDict"),
        ("lstm_cell", "torch.ops.aten.linear"),
        ("lstm_cell", "torch.sigmoid"),
        ("lstm_cell", "torch.Tensor.chunk"),
        ("clip_grad", "torch.linalg.vector_norm"),
        ("clip_grad", "torch.nn.utils.parameters_to_vector"),
        ("clip_grad", "torch._foreach_mul_"),
        ("replace_head", "torchvision.models.resnet18"),
    ],
)
def test_core_leaves_the_means_allowed(core, exercise, name):
    assert not forbids(core.exercise(exercise), name)


def test_only_replace_head_needs_torchvision(core):
    assert [exercise.name for exercise in core.exercises if exercise.needs_torchvision] == ["replace_head"]
