"""Everything a suite needs beside pytest and torch."""

from autograder.sandbox.session import SubjectError
from autograder.suite.compare import (
    BehaviourError,
    assert_close,
    assert_inputs_untouched,
    assert_parameters,
    assert_repeatable,
    assert_same_behaviour,
    assert_same_buffers,
    assert_same_gradients,
    assert_same_outputs,
    assert_shape,
    assert_world_untouched,
    check,
    copy_of,
    randomise,
    share_weights,
)
from autograder.suite.subjects import ModuleProxy, new

__all__ = [
    "BehaviourError",
    "ModuleProxy",
    "SubjectError",
    "assert_close",
    "assert_inputs_untouched",
    "assert_parameters",
    "assert_repeatable",
    "assert_same_behaviour",
    "assert_same_buffers",
    "assert_same_gradients",
    "assert_same_outputs",
    "assert_shape",
    "assert_world_untouched",
    "check",
    "copy_of",
    "new",
    "randomise",
    "share_weights",
]
