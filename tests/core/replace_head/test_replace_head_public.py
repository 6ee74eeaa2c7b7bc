"""Public checks of `replace_head`: two small networks, without the rest of the table."""

import pytest


@pytest.mark.points(1)
def test_mobilenet_gives_new_classes(student, rng):
    """A small MobileNetV2 comes back as the same object and gives the new number of scores."""
    model = student.make(
        "torchvision.models.MobileNetV2", num_classes=11, inverted_residual_setting=[[1, 8, 1, 1]]
    ).eval()
    num_classes = rng.integer(3, 7)
    assert student.replace_head(model, num_classes) is model, "replace_head must return the model that it was given"
    scores = model(rng.randn(2, 3, 16, 16).float())
    assert tuple(scores.shape) == (2, num_classes), (
        f"the new model gives scores of shape {tuple(scores.shape)}, expected {(2, num_classes)}"
    )


@pytest.mark.points(1)
def test_densenet_trains_only_its_head(student, rng):
    """In a small DenseNet, the new head trains and nothing else does."""
    model = student.make("torchvision.models.DenseNet", 4, (1,), 8, num_classes=11)
    student.replace_head(model, rng.integer(3, 7))
    trainable = {name for name, parameter in model.parameters_by_name().items() if parameter.requires_grad}
    assert trainable == {"classifier.weight", "classifier.bias"}, (
        f"classifier.weight and classifier.bias should train, and nothing else; "
        f"these train: {', '.join(sorted(trainable)[:4]) or 'none'}{' and more' if len(trainable) > 4 else ''}"
    )
