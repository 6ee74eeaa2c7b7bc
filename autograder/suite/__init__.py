"""Everything a suite needs beside pytest and torch."""

from autograder.sandbox.session import SubjectError
from autograder.suite.compare import (
    BehaviourError,
    assert_close,
    assert_inputs_untouched,
    assert_nothing_shared,
    assert_parameters,
    assert_repeatable,
    assert_same_behaviour,
    assert_same_buffers,
    assert_same_gradients,
    assert_same_outputs,
    assert_separate_objects,
    assert_shape,
    assert_world_untouched,
    check,
    copy_of,
    layouts,
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
    "assert_nothing_shared",
    "assert_parameters",
    "assert_repeatable",
    "assert_same_behaviour",
    "assert_same_buffers",
    "assert_same_gradients",
    "assert_same_outputs",
    "assert_separate_objects",
    "assert_shape",
    "assert_world_untouched",
    "check",
    "copy_of",
    "layouts",
    "new",
    "randomise",
    "share_weights",
]
