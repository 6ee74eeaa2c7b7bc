"""Everything a suite needs beside pytest and torch."""

from autograder.sandbox.session import SubjectError
from autograder.suite.compare import (
    assert_close,
    assert_equal,
    assert_inputs_untouched,
    assert_parameters,
    assert_repeatable,
    assert_same_buffers,
    assert_same_gradients,
    assert_same_in_float32,
    assert_same_outputs,
    assert_shape,
    assert_statistic,
    copy_of,
    layouts,
    randomise,
    share_weights,
)
from autograder.suite.failures import BehaviourError, check
from autograder.suite.modules import Case, ModuleChecks
from autograder.suite.state import (
    assert_deep_copy,
    assert_nothing_kept,
    assert_nothing_shared,
    assert_separate_objects,
    assert_world_untouched,
)
from autograder.suite.subjects import ModuleProxy
from autograder.suite.wire import new

__all__ = [
    "BehaviourError",
    "Case",
    "ModuleChecks",
    "ModuleProxy",
    "SubjectError",
    "assert_close",
    "assert_deep_copy",
    "assert_equal",
    "assert_inputs_untouched",
    "assert_nothing_kept",
    "assert_nothing_shared",
    "assert_parameters",
    "assert_repeatable",
    "assert_same_buffers",
    "assert_same_gradients",
    "assert_same_in_float32",
    "assert_same_outputs",
    "assert_separate_objects",
    "assert_shape",
    "assert_statistic",
    "assert_world_untouched",
    "check",
    "copy_of",
    "layouts",
    "new",
    "randomise",
    "share_weights",
]
