"""Public checks of `replace_head`: two small networks and one without a known head, without the rest of the table."""

import pytest
import torch


def mobilenet(student):
    return student.make("torchvision.models.MobileNetV2", num_classes=11, inverted_residual_setting=[[1, 8, 1, 1]])


def densenet(student):
    return student.make("torchvision.models.DenseNet", 4, (1,), 8, num_classes=11)


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.25)
def test_mobilenet_gives_new_classes(student, rng):
    """A small MobileNetV2 comes back as the same object, with the same names, and gives the new number of scores."""
    model = mobilenet(student).eval()
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
@pytest.mark.points(0.25)
def test_densenet_trains_only_its_head(student, rng):
    """In a small DenseNet, the new head trains and nothing else does, and the model stays in training mode."""
    model = densenet(student).train()
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


@pytest.mark.form
@pytest.mark.points(0.2)
def test_mobilenet_in_float64(student, rng, close):
    """In float64, all but the head keeps its values, and with the weight 0 in the new head, the scores are its bias."""
    model = mobilenet(student).double().eval()
    before = model.state_dict()
    student.replace_head(model, 3)
    after, head = model.state_dict(), "classifier.1."
    assert f"{head}weight" in after, "`classifier.1.weight` is not there any more, where the old head had its weight."
    for name, value in before.items():
        kept = name in after and after[name].dtype == value.dtype and torch.equal(after[name], value)
        assert kept or name.startswith(head), f"`{name}` should keep its values and its dtype, {value.dtype}."
    shape, dtype = tuple(after[f"{head}weight"].shape), after[f"{head}weight"].dtype
    assert shape[0] == 3, f"`classifier.1.weight` has shape {shape}, expected (3, 1280)."
    assert dtype == torch.float64, f"`classifier.1.weight` has dtype {dtype}, expected torch.float64, as it was before."
    bias = torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64)
    model.load_state_dict({**after, f"{head}weight": torch.zeros_like(after[f"{head}weight"]), f"{head}bias": bias})
    close(model(rng.randn(1, 3, 16, 16)), bias[None], "The scores for the weight 0 and the bias [1, 2, 4] in the head")


@pytest.mark.form
@pytest.mark.points(0.15)
def test_densenet_without_freezing(student):
    """With freeze_backbone=False, one frozen convolution of a small DenseNet stays frozen, and all else trains."""
    model = densenet(student)
    model.inside("features.conv0").requires_grad_(False)
    student.replace_head(model, 4, freeze_backbone=False)
    frozen = [name for name, parameter in model.parameters_by_name().items() if not parameter.requires_grad]
    assert frozen == ["features.conv0.weight"], (
        f"with freeze_backbone=False, features.conv0.weight alone should be frozen, as it was; these are: "
        f"{', '.join(frozen[:4]) or 'none'}{' and more' if len(frozen) > 4 else ''}"
    )


@pytest.mark.form
@pytest.mark.points(0.15)
def test_no_known_head(student):
    """A network whose last layer is `output`, which is not in the table, raises ValueError and stays as it was."""
    model = student.make("torch.nn.Sequential")
    model.method("add_module", "features", student.make("torch.nn.Linear", 4, 3))
    model.method("add_module", "output", student.make("torch.nn.Linear", 3, 2))
    raised = False
    try:
        student.replace_head(model, 5)
    except ValueError:
        raised = True
    assert raised, "replace_head should raise ValueError where no layer is at a known position, and it raises nothing"
    frozen = [name for name, parameter in model.parameters_by_name().items() if not parameter.requires_grad]
    assert frozen == [], (
        f"after the error, all parameters should train as before; these are frozen: {', '.join(frozen)}"
    )
