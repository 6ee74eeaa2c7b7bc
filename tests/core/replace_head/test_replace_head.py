"""Hidden suite of `replace_head`.

Real architectures of torchvision, as small as their classes allow. Those that can't be small are on the meta device,
where parameters have names and shapes but no memory; they are not run.
"""

import pytest
import torch

from autograder.suite import (
    ModuleProxy,
    assert_same_gradients,
    assert_same_outputs,
    assert_shape,
    check,
    new,
    randomise,
    share_weights,
)

OLD_CLASSES = 11


def resnet(student):
    """Without batch norm, which is slow on the meta device; DenseNet and the MobileNets have it."""
    return student.make(
        "torchvision.models.ResNet",
        new("torchvision.models.resnet.BasicBlock", as_is=True),
        [1, 1, 1, 1],
        num_classes=OLD_CLASSES,
        norm_layer=new("torch.nn.Identity", as_is=True),
        device="meta",
    )


def regnet(student):
    blocks = new("torchvision.models.regnet.BlockParams", [1], [8], [8], [1.0], [2])
    return student.make("torchvision.models.RegNet", blocks, num_classes=OLD_CLASSES)


def densenet(student):
    return student.make("torchvision.models.DenseNet", 4, (1,), 8, num_classes=OLD_CLASSES)


def tiny(student):
    """A DenseNet without dense blocks, for questions that need any network: convolution, batch norm, head."""
    return student.make("torchvision.models.DenseNet", 4, (), 8, num_classes=OLD_CLASSES)


def mobilenet_v2(student):
    """MNASNet, which is slower to build, has its head at the same place."""
    return student.make(
        "torchvision.models.MobileNetV2", inverted_residual_setting=[[1, 8, 1, 1]], num_classes=OLD_CLASSES
    )


def mobilenet_v3(student):
    block = new("torchvision.models.mobilenetv3.InvertedResidualConfig", 16, 3, 16, 16, True, "RE", 2, 1, 1.0)
    return student.make("torchvision.models.MobileNetV3", [block], 24, num_classes=OLD_CLASSES)


def efficientnet(student):
    block = new("torchvision.models.efficientnet.MBConvConfig", 1, 3, 1, 8, 8, 1)
    return student.make("torchvision.models.EfficientNet", [block], 0.2, num_classes=OLD_CLASSES)


def convnext(student):
    block = new("torchvision.models.convnext.CNBlockConfig", 8, None, 2)
    return student.make("torchvision.models.ConvNeXt", [block], num_classes=OLD_CLASSES)


def alexnet(student):
    return student.make("torchvision.models.AlexNet", num_classes=OLD_CLASSES, device="meta")


def vgg(student):
    """One convolution as features, and the whole classifier."""
    features = new("torch.nn.Conv2d", 3, 512, 3)
    return student.make("torchvision.models.VGG", features, num_classes=OLD_CLASSES, init_weights=False, device="meta")


def squeezenet(student, device="meta"):
    return student.make("torchvision.models.SqueezeNet", "1_1", num_classes=OLD_CLASSES, device=device)


def vit(student):
    return student.make("torchvision.models.VisionTransformer", 16, 8, 1, 2, 8, 16, num_classes=OLD_CLASSES)


def swin(student):
    return student.make(
        "torchvision.models.SwinTransformer", [4, 4], 8, [1, 1], [2, 2], [2, 2], num_classes=OLD_CLASSES
    )


def googlenet(student, aux_logits=True):
    """With real auxiliary classifiers, and nothing in the places of the other modules, which are slow to build."""
    nothing = new("torch.nn.Identity", as_is=True)
    auxiliary = new("torchvision.models.googlenet.InceptionAux", as_is=True)
    return student.make(
        "torchvision.models.GoogLeNet",
        OLD_CLASSES,
        aux_logits,
        init_weights=False,
        blocks=[nothing, nothing, auxiliary],
        device="meta",
    )


def inception(student):
    """Like `googlenet`."""
    nothing = new("torch.nn.Identity", as_is=True)
    auxiliary = new("torchvision.models.inception.InceptionAux", as_is=True)
    return student.make(
        "torchvision.models.Inception3",
        OLD_CLASSES,
        init_weights=False,
        inception_blocks=[*[nothing] * 6, auxiliary],
        device="meta",
    )


def googlenet_without_auxiliary(student):
    """As it is when pretrained weights are loaded: `aux1` and `aux2` are None."""
    return googlenet(student, aux_logits=False)


def headless(student):
    """The features of a VGG, without classifier."""
    return student.make("torchvision.models.vgg.make_layers", [8, "M"], batch_norm=True)


SMALL = [
    pytest.param(regnet, "fc", id="RegNet"),
    pytest.param(densenet, "classifier", id="DenseNet"),
    pytest.param(mobilenet_v2, "classifier.1", id="MobileNetV2"),
    pytest.param(efficientnet, "classifier.1", id="EfficientNet"),
    pytest.param(convnext, "classifier.2", id="ConvNeXt"),
    pytest.param(mobilenet_v3, "classifier.3", id="MobileNetV3"),
    pytest.param(vit, "heads.head", id="ViT"),
    pytest.param(swin, "head", id="Swin"),
]

LARGE = [
    pytest.param(resnet, "fc", id="ResNet"),
    pytest.param(alexnet, "classifier.6", id="AlexNet"),
    pytest.param(vgg, "classifier.6", id="VGG"),
]

AUXILIARY = [
    pytest.param(googlenet, ["fc", "aux1.fc2", "aux2.fc2"], id="GoogLeNet"),
    pytest.param(inception, ["fc", "AuxLogits.fc"], id="Inception"),
    pytest.param(googlenet_without_auxiliary, ["fc"], id="GoogLeNet, aux_logits=False"),
]

FROZEN = [
    pytest.param(densenet, ["classifier"], id="DenseNet, with batch norm"),
    pytest.param(vgg, ["classifier.6"], id="VGG, with hidden layers in the classifier"),
    pytest.param(squeezenet, ["classifier.1"], id="SqueezeNet, whose head is a convolution"),
    pytest.param(vit, ["heads.head"], id="ViT, with parameters of its own"),
    pytest.param(googlenet, ["fc", "aux1.fc2", "aux2.fc2"], id="GoogLeNet, with auxiliary heads"),
]


def replaced(student, model, num_classes):
    """What `replace_head` returns for `model`: it has to be a module."""
    asked = f"replace_head({kind(model)}, num_classes={num_classes})"
    result = student.replace_head(model, num_classes)
    check(
        isinstance(result, ModuleProxy),
        f"{asked} does not return a model.",
        hint="The model that comes in is the one that goes out. Does your function end with `return`?",
    )
    result.asked = asked
    return result


def changed(student, model, num_classes, **options):
    """Call `replace_head`, make sure that it did something, and return the changed model.

    A function that does nothing leaves values, modes and devices alone as well; that is not worth points.
    """
    before = shapes(model)
    result = student.replace_head(model, num_classes, **options)
    model = result if isinstance(result, ModuleProxy) else model
    check(
        shapes(model) != before,
        f"replace_head({kind(model)}, num_classes={num_classes}): the head is still the old one.",
    )
    return model


def refused(student, model):
    """Whether `replace_head` raises ValueError for `model`."""
    try:
        student.replace_head(model, 5)
    except ValueError:
        return True
    return False


def kind(model):
    """The class of the model, for messages."""
    return model.asked.removeprefix("replace_head(").partition("(")[0].partition(",")[0]


def shapes(model):
    return {name: parameter.shape for name, parameter in model.parameters_by_name(values=False).items()}


def trainable(model):
    return {name for name, parameter in model.parameters_by_name(values=False).items() if parameter.requires_grad}


def parameters_of(heads):
    return {f"{head}.{leaf}" for head in heads for leaf in ("weight", "bias")}


def listed(names):
    names = sorted(names)
    return ", ".join(f"`{name}`" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def assert_only_heads_resized(model, before, heads, num_classes):
    """Same parameters as before, by name and shape; at `heads`, the first size is `num_classes`."""
    after = shapes(model)
    missing, added = before.keys() - after.keys(), after.keys() - before.keys()
    hint = "A new layer takes the place of the old one, so the keys of state_dict() stay as they were."
    check(not missing, f"{model.asked}: {listed(missing)} can no longer be found.", hint=hint)
    check(not added, f"{model.asked}: {listed(added)} should not be there.", hint=hint)
    expected = before | {name: (num_classes, *before[name][1:]) for name in parameters_of(heads)}
    for name, shape in expected.items():
        check(after[name] == shape, f"{model.asked}: `{name}` has shape {after[name]}, expected {shape}.")


@pytest.mark.points(1.2)
@pytest.mark.parametrize(("build", "head"), SMALL)
def test_head_at_its_position(student, rng, build, head):
    """The last layer has the new number of classes, and all other layers are still there."""
    model, num_classes = build(student).eval(), rng.integer(3, 9)
    before = shapes(model)
    model = replaced(student, model, num_classes)
    assert_only_heads_resized(model, before, [head], num_classes)
    assert_shape(model(rng.randn(2, 3, 16, 16).float()), (2, num_classes), f"{model.asked}: the output")


@pytest.mark.points(0.6)
@pytest.mark.parametrize(("build", "head"), LARGE)
def test_head_of_large_networks(student, rng, build, head):
    """In networks too large to run here, the last layer has the right shape and all others are still there."""
    model, num_classes = build(student), rng.integer(3, 9)
    before = shapes(model)
    assert_only_heads_resized(replaced(student, model, num_classes), before, [head], num_classes)


@pytest.mark.points(0.6)
def test_squeezenet(student, rng):
    """SqueezeNet gets a 1x1 convolution as head, and its attribute num_classes is set."""
    # Not on the meta device, where the first convolution loads a second's worth of torch's compiler.
    model = squeezenet(student, device="cpu")
    before = shapes(model)
    for num_classes in rng.distinct(3, 9, 2):  # twice, since every call has to make a layer of its own
        model = replaced(student, model, num_classes)
        assert_only_heads_resized(model, before, ["classifier.1"], num_classes)
        stored = model.attribute("num_classes")
        found = stored if isinstance(stored, int) else f"of type {type(stored).__name__}"
        check(
            stored == num_classes, f"{model.asked}: afterwards `model.num_classes` is {found}, expected {num_classes}."
        )
    # The network ends with the mean over all pixels: its output has the right shape with any stride and padding.
    scores = model.inside("classifier.1")(rng.randn(2, before["classifier.1.weight"][1], 3, 5).float())
    assert_shape(scores, (2, num_classes, 3, 5), f"{model.asked}: the output of `classifier.1` for 3 x 5 pixels")


@pytest.mark.points(0.6)
@pytest.mark.parametrize(("build", "heads"), AUXILIARY)
def test_auxiliary_heads(student, rng, build, heads):
    """The auxiliary heads of GoogLeNet and Inception are replaced as well, if there are any."""
    model, num_classes = build(student), rng.integer(3, 9)
    before = shapes(model)
    assert_only_heads_resized(replaced(student, model, num_classes), before, heads, num_classes)


@pytest.mark.points(0.5)
def test_same_object(student, rng):
    """The model that comes in is changed and returned, not a copy or a new one."""
    model = tiny(student)
    changed(student, model, rng.integer(3, 9))
    check(
        replaced(student, model, rng.integer(3, 9)) is model,
        "replace_head(DenseNet) returns another object than it was given.",
        hint="Check `replace_head(model, 10) is model`.",
    )


@pytest.mark.points(2.5)
@pytest.mark.parametrize(("build", "heads"), FROZEN)
def test_only_the_new_layers_train(student, rng, build, heads):
    """With the backbone frozen, the new layers train and nothing else does."""
    model = build(student)
    student.replace_head(model, rng.integer(3, 9))
    trains, expected = trainable(model), parameters_of(heads)
    check(
        expected <= trains,
        f"replace_head({kind(model)}): these should train, and do not: {listed(expected - trains)}.",
        hint="The new layers have to train. When does your function freeze, and which layers are in the model then?",
    )
    check(
        trains <= expected,
        f"replace_head({kind(model)}): these should be frozen, and would train: {listed(trains - expected)}.",
        hint="Print the names in model.named_parameters() that have requires_grad.",
    )


@pytest.mark.points(0.75)
def test_without_freezing_everything_trains(student, rng):
    """With freeze_backbone=False, a model that trains goes on training as a whole."""
    model = changed(student, tiny(student), rng.integer(3, 9), freeze_backbone=False)
    frozen = shapes(model).keys() - trainable(model)
    check(not frozen, f"replace_head(DenseNet, freeze_backbone=False): these are frozen: {listed(frozen)}.")


@pytest.mark.points(0.75)
def test_without_freezing_frozen_layers_stay_frozen(student, rng):
    """With freeze_backbone=False, layers that were frozen before stay frozen, and the new head trains."""
    first, second = rng.distinct(3, 9, 2)
    model = changed(student, tiny(student), first)
    before = trainable(model)
    model = changed(student, model, second, freeze_backbone=False)
    after, head = trainable(model), parameters_of(["classifier"])
    asked = "replace_head(DenseNet, freeze_backbone=False) after replace_head(DenseNet)"
    check(head <= after, f"{asked}: these should train, and do not: {listed(head - after)}.")
    check(
        after - head == before - head,
        f"{asked}: these did not keep their requires_grad: {listed((after - head) ^ (before - head))}.",
        hint="freeze_backbone=False means: leave requires_grad alone. It does not mean: make everything trainable.",
    )


@pytest.mark.points(1.25)
def test_backbone_keeps_its_values(student, rng):
    """Weights and statistics of the backbone are the same as before, bit for bit."""
    model = tiny(student)
    before = randomise(model, rng)
    after = changed(student, model, rng.integer(3, 9)).state_dict()
    for name in before.keys() - parameters_of(["classifier"]):
        check(
            name in after and torch.equal(after[name], before[name]),
            f"replace_head(DenseNet): `{name}` has other values than before.",
            hint="The pretrained weights are what you want to keep. What touches every layer of the model?",
        )


@pytest.mark.points(0.4)
def test_head_is_fresh(student, rng):
    """The new head is not made from the weights of the old one."""
    model = tiny(student)
    old = model.state_dict()["classifier.weight"]
    head = changed(student, model, rng.integer(3, 9)).state_dict().get("classifier.weight")
    check(head is not None, "replace_head(DenseNet): there is no parameter `classifier.weight` any more.")
    check(
        not any(torch.equal(row, old_row) for row, old_row in zip(head[: len(old)], old, strict=False)),
        "replace_head(DenseNet): the new head has rows of the old head's weight.",
        hint="Class 0 of the new task has nothing to do with class 0 of the old one.",
    )


@pytest.mark.points(1)
def test_outputs(student, reference, rng):
    """With the same weights, the new model gives the same logits as the reference."""
    mine, theirs, inputs = tiny(student), tiny(reference), [rng.randn(3, 3, 9, 14)]
    num_classes = rng.integer(3, 9)
    mine, theirs = replaced(student, mine, num_classes), replaced(reference, theirs, num_classes)
    share_weights(mine, theirs, rng)
    assert_same_outputs(mine, theirs, inputs, mode="eval")
    assert_same_outputs(mine, theirs, inputs, mode="train")


@pytest.mark.points(1)
def test_gradients(student, reference, rng):
    """Gradients reach the new head and the images, and no frozen parameter."""
    mine, theirs, inputs = tiny(student), tiny(reference), [rng.randn(3, 3, 9, 14)]
    num_classes = rng.integer(3, 9)
    mine, theirs = replaced(student, mine, num_classes), replaced(reference, theirs, num_classes)
    share_weights(mine, theirs, rng)
    assert_same_gradients(mine, theirs, inputs, mode="train")


@pytest.mark.points(0.6)
@pytest.mark.parametrize("training", [False, True], ids=["evaluation mode", "training mode"])
def test_modes_stay(student, rng, training):
    """Every module of the backbone stays in training or evaluation mode as it was."""
    model = changed(student, tiny(student).train(training), rng.integer(3, 9))
    switched = [
        name or "the model"
        for name, module in model.modules_by_name().items()
        if module.training != training and not name.startswith("classifier")
    ]
    check(
        not switched,
        f"replace_head(DenseNet): no longer in {'training' if training else 'evaluation'} mode: {listed(switched)}.",
        hint="Freezing is about requires_grad. Training and evaluation mode are for the caller to choose.",
    )


@pytest.mark.points(0.4)
@pytest.mark.parametrize(
    ("build", "dtype"),
    [
        pytest.param(tiny, torch.float64, id="float64"),
        pytest.param(tiny, torch.bfloat16, id="bfloat16"),
        pytest.param(squeezenet, torch.bfloat16, id="bfloat16, SqueezeNet"),
    ],
)
def test_dtype(student, rng, build, dtype):
    """The new head has the dtype of the model."""
    model = build(student).to(dtype)
    asked = f"replace_head({kind(model)} in {dtype})"
    model = changed(student, model, rng.integer(3, 9))
    for name, parameter in model.parameters_by_name(values=False).items():
        check(parameter.dtype == dtype, f"{asked}: `{name}` has dtype {parameter.dtype}.")


@pytest.mark.points(0.25)
@pytest.mark.parametrize("build", [pytest.param(vgg, id="VGG"), pytest.param(squeezenet, id="SqueezeNet")])
def test_device(student, rng, build):
    """The new head is on the device of the model."""
    model = build(student)
    asked = f"replace_head({kind(model)} on the device 'meta')"
    model = changed(student, model, rng.integer(3, 9))
    for name, parameter in model.parameters_by_name(values=False).items():
        check(
            parameter.device == "meta",
            f"{asked}: `{name}` is on '{parameter.device}'.",
            hint="A layer is created on the CPU unless you say otherwise. Where is the old one?",
        )


@pytest.mark.points(0.35)
def test_unknown_head_is_refused(student, rng):
    """A model without a head raises ValueError, a model with one does not."""
    changed(student, tiny(student), rng.integer(3, 9))
    check(
        refused(student, headless(student)),
        "replace_head on a Sequential of a 3x3 convolution, batch norm and pooling does not raise ValueError.",
        hint="What should a caller see who passes a network whose head you can't find?",
    )


@pytest.mark.points(0.25)
def test_refused_model_is_untouched(student, rng):
    """A model without a head stays exactly as it was."""
    changed(student, tiny(student), rng.integer(3, 9))
    model = headless(student)
    parameters, modules = model.parameters_by_name(), model.modules_by_name()
    refused(student, model)
    asked = "replace_head on a Sequential of a 3x3 convolution, batch norm and pooling"
    check(model.modules_by_name() == modules, f"{asked}: the modules or their modes have changed.")
    for name, after in model.parameters_by_name().items():
        check(
            name in parameters and after.requires_grad == parameters[name].requires_grad,
            f"{asked}: `{name}` comes back frozen.",
            hint="First look for the head, then change the model.",
        )
        same = torch.equal(after.value, parameters[name].value)
        check(same, f"{asked}: `{name}` has other values than before.")
