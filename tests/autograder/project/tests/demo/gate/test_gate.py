"""A module: all of it is asked by the checks that all modules share."""

from autograder.suite import Case, ModuleChecks


def sizes(rng):
    return {"size": rng.integer(3, 6)}


def rows(rng, arguments):
    return rng.randn(4, arguments["size"])


def special(rng):
    for size, count in ((1, 1), (2, 1), (1, 3)):
        yield (size,), rng.randn(count, size)


gates = ModuleChecks("Gate", {"rows": Case(sizes, rows)})

test_parameters = gates.parameters(points=1, again=0.5)
test_outputs_evaluating = gates.outputs("eval", points=1)
test_outputs_training = gates.outputs("train", points=0.5, again=0)
test_sizes = gates.sizes(special, points=0.5, again=0)
test_layouts = gates.layouts(points=1, again=0)
test_gradients_training = gates.gradients("train", points=1)
test_gradients_evaluating = gates.gradients("eval", frozen=True, points=1, again=0)
test_input_untouched = gates.inputs_untouched(points=1)
test_separate = gates.separate(points=1, again=0)
