"""Public checks of `replace_head`: two small networks, without the rest of the table."""

import pytest


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.5)
def test_mobilenet_gives_new_classes(student, rng):
    """A small MobileNetV2 comes back as the same object, with the same names, and gives the new number of scores."""
    model = student.make(
        "torchvision.models.MobileNetV2", num_classes=11, inverted_residual_setting=[[1, 8, 1, 1]]
    ).eval()
    names = list(model.state_dict())
    num_classes = rng.integer(3, 7)
    assert student.replace_head(model, num_classes) is model, "replace_head must return the model that it was given"
    scores = model(rng.randn(2, 3, 16, 16).float())
    assert tuple(scores.shape) == (2, num_classes), (
        f"the new model gives scores of shape {tuple(scores.shape)}, expected {(2, num_classes)}"
    )
    changed = sorted(set(names) ^ set(model.state_dict()))
    assert not changed, (
        f"the keys of state_dict() should stay as they were; these have come or gone: {', '.join(changed[:4])}"
    )


@pytest.mark.form
@pytest.mark.points(0.5)
def test_densenet_trains_only_its_head(student, rng):
    """In a small DenseNet, the new head trains and nothing else does, and the model stays in training mode."""
    model = student.make("torchvision.models.DenseNet", 4, (1,), 8, num_classes=11).train()
    num_classes = rng.integer(3, 7)
    student.replace_head(model, num_classes)
    parameters = model.parameters_by_name()
    rows = parameters["classifier.weight"].shape[0] if "classifier.weight" in parameters else 0
    assert rows == num_classes, f"`classifier.weight` should be there, with {num_classes} rows; it has {rows}"
    trainable = {name for name, parameter in parameters.items() if parameter.requires_grad}
    assert trainable == {"classifier.weight", "classifier.bias"}, (
        f"classifier.weight and classifier.bias should train, and nothing else; "
        f"these train: {', '.join(sorted(trainable)[:4]) or 'none'}{' and more' if len(trainable) > 4 else ''}"
    )
    assert model.modules_by_name()["features"].training, "the model should still be in training mode, as it was"
