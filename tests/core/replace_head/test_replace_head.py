"""Hidden suite of `replace_head`.

The networks are torchvision's own classes, made small: by arguments of the constructor, or where it has none for that,
in `beside.py`. Heads keep the inputs that torchvision fixes: 4096 in AlexNet and VGG, 512 in ResNet and SqueezeNet,
1280 in MNASNet, 1024 in GoogLeNet, 2048 in Inception.

Where the heads are is asked in the first four checks, network by network. All others ask a network whose head is found,
and whatever was put there: a slip in the one costs nothing in the other. What the code under test tells about itself
counts only beside numbers: the logits are those of the new head on the features of the reference's backbone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest
import torch

from autograder.suite import (
    ModuleProxy,
    SubjectError,
    assert_close,
    assert_same_gradients,
    assert_same_outputs,
    assert_shape,
    assert_world_untouched,
    check,
    new,
    randomise,
    share_weights,
)

OLD_CLASSES = 11
NOTHING = new("torch.nn.Identity", as_is=True)


def convolution(inputs, outputs, kernel_size=1):
    return new("torch.nn.Conv2d", inputs, outputs, kernel_size)


def linear(inputs, outputs=OLD_CLASSES, bias=True):
    return new("torch.nn.Linear", inputs, outputs, bias=bias)


def norm(channels):
    return new("torch.nn.BatchNorm2d", channels)


# -- networks ---------------------------------------------------------------------------------------------------------


def resnet(subject, head=None):
    return subject.beside.resnet(head or linear(512))


def shufflenet(subject):
    return subject.make(
        "torchvision.models.ShuffleNetV2",
        [1, 1, 1],
        [4, 4, 4, 4, 8],
        num_classes=OLD_CLASSES,
        inverted_residual=NOTHING,
    )


def regnet(subject):
    blocks = new("torchvision.models.regnet.BlockParams", [1], [8], [8], [1.0], [2])
    return subject.make("torchvision.models.RegNet", blocks, num_classes=OLD_CLASSES)


def densenet(subject):
    return subject.make("torchvision.models.DenseNet", 4, (1,), 8, num_classes=OLD_CLASSES)


def mobilenet_v2(subject, head=None):
    parts, setting = {"classifier.1": head} if head else None, [[1, 8, 1, 1]]
    return subject.make(
        "torchvision.models.MobileNetV2", inverted_residual_setting=setting, num_classes=OLD_CLASSES, parts=parts
    )


def efficientnet(subject):
    block = new("torchvision.models.efficientnet.MBConvConfig", 1, 3, 1, 8, 8, 1)
    return subject.make("torchvision.models.EfficientNet", [block], 0.2, num_classes=OLD_CLASSES)


def mnasnet(subject):
    return subject.beside.mnasnet(linear(1280))


def convnext(subject):
    block = new("torchvision.models.convnext.CNBlockConfig", 8, None, 2)
    return subject.make("torchvision.models.ConvNeXt", [block], num_classes=OLD_CLASSES)


def mobilenet_v3(subject):
    block = new("torchvision.models.mobilenetv3.InvertedResidualConfig", 16, 3, 16, 16, True, "RE", 2, 1, 1.0)
    return subject.make("torchvision.models.MobileNetV3", [block], 24, num_classes=OLD_CLASSES)


def alexnet(subject):
    return subject.beside.alexnet(linear(4096))


def vgg(subject):
    return subject.beside.vgg(linear(4096))


def squeezenet(subject):
    return subject.beside.squeezenet(convolution(512, OLD_CLASSES))


def vit(subject):
    return subject.make("torchvision.models.VisionTransformer", 16, 8, 1, 2, 8, 16, num_classes=OLD_CLASSES)


def swin(subject):
    return subject.make(
        "torchvision.models.SwinTransformer", [4, 4], 8, [1, 1], [2, 2], [2, 2], num_classes=OLD_CLASSES
    )


def googlenet(subject):
    return subject.beside.googlenet(linear(1024), linear(1024), linear(1024))


def googlenet_without_auxiliary(subject):
    """As it is when pretrained weights are loaded: `aux1` and `aux2` are None."""
    return subject.beside.googlenet(linear(1024))


def inception(subject):
    return subject.beside.inception(linear(2048), linear(768))


def inception_without_auxiliary(subject):
    """`AuxLogits` is None."""
    return subject.beside.inception(linear(2048))


def headless(subject):
    """The features of a VGG, without classifier."""
    return subject.make("torchvision.models.vgg.make_layers", [8, "M"], batch_norm=True)


def headed_elsewhere(subject):
    """A network whose Linear layers are at places that are not in the stub's table, and at one that is, no head."""
    return subject.sequential(
        **{
            "features": convolution(3, 8, 3),
            "norm": norm(8),
            "pool": new("torch.nn.AdaptiveAvgPool2d", 1),
            "flatten": new("torch.nn.Flatten"),
            "fc1": linear(8, 6),
            "output": linear(6),
            "fc": new("torch.nn.Identity"),
        }
    )


DIRECT = [  # a Linear layer of the model itself
    (resnet, "fc"),
    (shufflenet, "fc"),
    (regnet, "fc"),
    (densenet, "classifier"),
    (swin, "head"),
]
INSIDE = [  # the last Linear layer of a part with several layers
    (mobilenet_v2, "classifier.1"),
    (efficientnet, "classifier.1"),
    (mnasnet, "classifier.1"),
    (convnext, "classifier.2"),
    (mobilenet_v3, "classifier.3"),
    (alexnet, "classifier.6"),
    (vgg, "classifier.6"),
    (vit, "heads.head"),
]
AUXILIARY = [
    (googlenet, ["fc", "aux1.fc2", "aux2.fc2"]),
    (inception, ["fc", "AuxLogits.fc"]),
    (googlenet_without_auxiliary, ["fc"]),
    (inception_without_auxiliary, ["fc"]),
]
VARIED = [
    (densenet, ["classifier"]),  # batch norm
    (vgg, ["classifier.6"]),  # hidden layers in the classifier
    (squeezenet, ["classifier.1"]),  # a convolution as head
    (vit, ["heads.head"]),  # parameters of its own
    (googlenet, ["fc", "aux1.fc2", "aux2.fc2"]),
]


@dataclass(frozen=True)
class Network:
    """A network that is asked in detail: how it is built, its head, and a part before that with batch norm."""

    build: Callable[..., ModuleProxy]
    head: str
    part: str

    def backbone(self, reference: Any) -> ModuleProxy:
        """The network without its head: images (N, 3, H, W) -> features (N, d)."""
        return self.build(reference, new("torch.nn.Identity"))

    def keeps(self, name: str) -> bool:
        """Whether `name`, of a parameter, buffer or module, is outside of the head."""
        return outside(name, [self.head])


def outside(name, heads):
    return all(name != head and not name.startswith(f"{head}.") for head in heads)


NETWORKS = (Network(resnet, "fc", "bn1"), Network(mobilenet_v2, "classifier.1", "features.0"))


# -- asking -----------------------------------------------------------------------------------------------------------


def call(student, model, num_classes, **options):
    """What `replace_head` returns."""
    asked = f"replace_head({kind(model)}, {num_classes}{''.join(f', {name}={options[name]}' for name in options)})"
    try:
        result = student.replace_head(model, num_classes, **options)
    except SubjectError as error:
        error.asked = asked
        raise
    model.asked = asked
    return result


def replaced(student, model, num_classes, **options):
    """The model after `replace_head`: the returned one, or where it returns none, the one that was passed.

    Whether these are the same is asked in one check alone.
    """
    result = call(student, model, num_classes, **options)
    if not isinstance(result, ModuleProxy):
        return model
    result.asked = model.asked
    return result


def network_with_a_head_found(student, rng):
    """The first of `NETWORKS` that gives the new number of scores afterwards.

    Only where there is none, this fails: which heads are found has checks of its own.
    """
    num_classes, images = rng.integer(3, 9), rng.randn(2, 3, 16, 16).float()

    def scores(network):
        model = replaced(student, network.build(student).eval(), num_classes)
        model.inside(network.head)
        return model(images)

    for network in NETWORKS:
        try:
            if tuple(scores(network).shape) == (2, num_classes):
                return network
        except (SubjectError, AttributeError):  # which has no shape
            continue
    network = NETWORKS[0]
    assert_shape(scores(network), (2, num_classes), f"replace_head(ResNet, {num_classes}): the output")
    return network


def resized(student, model, heads, num_classes):
    """The model after `replace_head` and its parameters; None and none where there are no new weights at `heads`."""
    try:
        model = replaced(student, model, num_classes)
        after = model.parameters_by_name(values=False)
    except SubjectError:
        return None, {}
    weights = [after.get(f"{head}.weight") for head in heads]
    found = all(weight is not None and weight.shape[:1] == (num_classes,) for weight in weights)
    return (model, after) if found else (None, {})


def refused(student, model, **options):
    """Whether `replace_head` raises ValueError for `model`."""
    try:
        student.replace_head(model, 5, **options)
    except ValueError:
        return True
    return False


def has_attribute(model, name):
    try:
        model.attribute(name)
    except AttributeError:
        return False
    return True


# -- words ------------------------------------------------------------------------------------------------------------


def kind(model):
    """The class of the model, for messages."""
    return model.type_name


def listed(names):
    return ", ".join(f"`{name}`" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def short(dtype):
    return str(dtype).removeprefix("torch.")


# -- comparing --------------------------------------------------------------------------------------------------------


def shapes(model):
    return {name: parameter.shape for name, parameter in model.parameters_by_name(values=False).items()}


def assert_only_heads_resized(model, before, heads, num_classes):
    """Same parameters as before, by name and shape; at `heads`, the first size is `num_classes`."""
    after = shapes(model)
    missing = [name for name in before if name not in after]
    added = [name for name in after if name not in before]
    hint = "A new layer of its own takes the place of each old one, so the keys of state_dict() stay as they were."
    check(not missing, f"{model.asked}: {listed(missing)} can no longer be found.", hint=hint)
    check(not added, f"{model.asked}: {listed(added)} should not be there.", hint=hint)
    new_sizes = {f"{head}.{leaf}": num_classes for head in heads for leaf in ("weight", "bias")}
    for name, shape in before.items():
        expected = (new_sizes.get(name, shape[0]), *shape[1:]) if shape else shape
        told = f"{model.asked}: `{name}` has shape {after[name]}, expected {expected}."
        hint = "Which heads has this model, and what does the old layer say of its kind and its sizes?"
        if after[name] == shape:
            hint = "The old layer is still there, in evaluation mode. Is a new one put into its place in every mode?"
        check(after[name] == expected, told, hint=hint)


def assert_same_network(student, reference, rng, build, heads, num_classes):
    """Same names, shapes and outputs as the reference; the model after `replace_head`.

    In evaluation mode on arrival: in some networks, training mode alone uses the auxiliary heads.
    """
    mine, theirs = build(student).eval(), build(reference).eval()
    before = shapes(theirs)
    mine = replaced(student, mine, num_classes)
    assert_only_heads_resized(mine, before, heads, num_classes)
    theirs = replaced(reference, theirs, num_classes)
    share_weights(mine, theirs, rng)
    images = [rng.randn(2, 3, 16, 16)]
    hint = "Only the last layer is another. What it gives is returned as before, and all before it is as it was."
    assert_same_outputs(mine, theirs, images, mode="eval", hint=hint)
    assert_same_outputs(mine, theirs, images, mode="train", hint=hint)
    return mine


def share_backbone(model, network, backbone, rng):
    """Evaluation mode, random float64 weights for all of `model`, and the same for the reference's backbone."""
    names = backbone.eval().double().state_dict()
    drawn = randomise(model.eval(), rng).values()  # ours: what the model says that it holds counts for nothing
    values = {**model.state_dict(), **drawn}
    missing = [name for name in names if name not in values]
    check(not missing, f"{model.asked}: {listed(missing)} can no longer be found.")
    backbone.load_state_dict({name: values[name] for name in names})


def assert_head_on_backbone(model, network, backbone, rng, num_classes):
    """The logits are what the model's own head makes of the features that the reference's backbone computes.

    This holds whatever the head is. The features come in another order than the images.
    """
    images, order = rng.randn(5, 3, 16, 16), rng.distinct(0, 4, 5)
    features, logits = backbone(images), model(images)
    assert_shape(logits, (5, num_classes), f"{model.asked}: the output")
    expected = model.inside(network.head)(features[order])
    what = f"{model.asked}: the output, compared with what `{network.head}` makes of the features before it,"
    assert_close(logits[order], expected, what, hint="Does all before the head still compute what it did?")
    varied = len(torch.unique(logits, dim=0)) == 5
    check(varied, f"{model.asked}: the output is the same for different images.")


def assert_gradients(model, network, backbone, rng, num_classes):
    """Gradients of images, backbone and head, as the reference's backbone passes them on; none where it is frozen."""
    images, upstream, order = rng.randn(5, 3, 16, 16), rng.randn(5, num_classes), rng.distinct(0, 4, 5)
    mine, theirs = images.clone().requires_grad_(), images.clone().requires_grad_()
    model.zero_grad()
    logits = model(mine)
    check(logits.requires_grad, f"{model.asked}: no gradient flows back from the output.")
    logits.backward(upstream)
    got = model.grads()

    model.zero_grad()
    features = backbone(theirs)
    leaf = features.detach().clone().requires_grad_()
    model.inside(network.head)(leaf[order]).backward(upstream[order])
    features.backward(leaf.grad)
    expected = {**backbone.grads(), **{name: grad for name, grad in model.grads().items() if not network.keeps(name)}}

    for name, grad in expected.items():
        what = f"{model.asked}: the gradient of `{name}`"
        frozen = grad is None
        check(not frozen or got.get(name) is None, f"{what} should be absent, since the parameter is frozen.")
        check(frozen or got.get(name) is not None, f"{what} is missing.")
        if not frozen:
            assert_close(got[name], grad, what)
    assert_close(mine.grad, theirs.grad, f"{model.asked}: the gradient of the images")


FREEZE_FIRST = "The new layers have to train. When does your function freeze, and which layers are in the model then?"


def assert_new_layers_train(model, parameters, heads, num_classes, hint=FREEZE_FIRST):
    """All parameters of the new layers require gradients. They are those with a first size of `num_classes`."""
    inside = tuple(f"{head}." for head in heads)
    fixed = [
        name
        for name, parameter in parameters.items()
        if name.startswith(inside) and parameter.shape[:1] == (num_classes,) and not parameter.requires_grad
    ]
    check(not fixed, f"{model.asked}: these should train, and do not: {listed(fixed)}.", hint=hint)


def assert_rest_frozen(model, parameters, heads):
    """No parameter outside of `heads` requires a gradient."""
    inside = tuple(f"{head}." for head in heads)
    loose = [name for name in parameters if not name.startswith(inside) and parameters[name].requires_grad]
    hint = "Parameters are frozen, not modules. Print those of model.named_parameters() that have requires_grad."
    check(not loose, f"{model.asked}: these should be frozen, and would train: {listed(loose)}.", hint=hint)


def assert_values_kept(model, before, heads):
    """Parameters and buffers outside of the heads have the dtype and, bit for bit, the values that they had."""
    after = model.state_dict()
    for name in [name for name in before if outside(name, heads)]:
        check(name in after, f"{model.asked}: `{name}` can no longer be found.")
        got, expected = short(after[name].dtype), short(before[name].dtype)
        check(got == expected, f"{model.asked}: `{name}` has dtype {got}, expected {expected}.")
        hint = "The pretrained weights are to stay. Which loop or apply() of yours reaches more than the head?"
        same = torch.equal(after[name], before[name])
        check(same, f"{model.asked}: `{name}` has other values than before.", hint=hint)


def assert_modes_kept(model, before, network):
    """Modules outside of the head are in the mode that they were in."""
    after = model.modules_by_name()
    for name in filter(network.keeps, before):
        mode = "training" if before[name].training else "evaluation"
        stays = name in after and after[name].training == before[name].training
        hint = "Freezing is about requires_grad. Training and evaluation mode are for the caller to choose."
        which = f"`{name}`" if name else "the model"
        check(stays, f"{model.asked}: {which} is no longer in {mode} mode.", hint=hint)


def assert_modules_kept(model, before, heads):
    """Around and beside `heads`, every module is the object that it was, in the mode that it was in."""
    after = model.modules_by_name()
    hint = (
        "Only the head is another layer. The part that holds it keeps its mode, its hooks and whatever it has besides."
    )
    for name, (module, training) in before.items():
        kept = name in after and model.handle(name) == module
        check(kept, f"{model.asked}: `{name}` is another module than before.", hint=hint)
        mode = "training" if training else "evaluation"
        check(after[name].training == training, f"{model.asked}: `{name}` is no longer in {mode} mode.", hint=hint)


def modules_around(model, heads):
    """The modules that hold one of `heads`, and those that lie beside it, with their modes, by name."""
    holders = {head.rpartition(".")[0] for head in heads}
    return {
        name: (model.handle(name), info.training)
        for name, info in model.modules_by_name().items()
        if name and outside(name, heads) and (name in holders or name.rpartition(".")[0] in holders - {""})
    }


def assert_flags_and_gradients_kept(model, after, before, network):
    """Parameters outside of the head have the `requires_grad` and the `.grad` that they had."""
    for name in filter(network.keeps, before):
        check(name in after, f"{model.asked}: `{name}` can no longer be found.")
        flag = before[name].requires_grad
        hint = "freeze_backbone=False means: leave requires_grad alone, neither freeze nor unfreeze."
        kept = after[name].requires_grad == flag
        check(kept, f"{model.asked}: `{name}` had requires_grad={flag}, and now has {not flag}.", hint=hint)
        gradients = before[name].grad, after[name].grad
        same = gradients[0] is None or (gradients[1] is not None and torch.equal(*gradients))
        told = f"{model.asked}: the gradient that `{name}` had is gone or has changed."
        check(same, told, hint="Clearing gradients is for the training loop to do.")


def assert_dtypes(model, parameters, dtype):
    """All parameters have the dtype; none are given of a model without new weights."""
    for name, parameter in parameters.items():
        got, expected = short(parameter.dtype), short(dtype)
        hint = "The old head knows what its weight is. Nothing else of the model is to change."
        what = f"{model.asked} in {expected}: `{name}` has dtype {got}, expected {expected}."
        check(parameter.dtype == dtype, what, hint=hint)


def assert_own_dtypes(student, model, heads, num_classes):
    """Each new layer has the dtype of the layer whose place it takes, where all others have another."""
    dtypes = dict(zip(heads, cycle([torch.float64, torch.bfloat16])))
    for head, dtype in dtypes.items():
        model.inside(head).to(dtype)
    model, parameters = resized(student, model, heads, num_classes)
    for name, parameter in parameters.items():
        expected = dtypes.get(name.rpartition(".")[0], torch.float32)
        hint = "The dtype is that of the layer whose place it takes, not of another one."
        what = f"{model.asked}, the old head in a dtype of its own: `{name}` has dtype {short(parameter.dtype)}"
        check(parameter.dtype == expected, f"{what}, expected {short(expected)}.", hint=hint)


def assert_on_meta(model, parameters):
    """All parameters are on the device "meta"; none are given of a model without new weights."""
    for name, parameter in parameters.items():
        hint = "A layer is created on the CPU unless you say otherwise. Where is the old one?"
        what = f"{model.asked} on the device 'meta': `{name}` is on '{parameter.device}'."
        check(parameter.device == "meta", what, hint=hint)


def assert_fresh(model, head, old, old_bias):
    """No row of the new weight is one of `old`, and the new bias is not `old_bias`. Where the new layer has another
    name, nothing is asked.
    """
    weight = model.state_dict().get(f"{head}.weight", torch.empty(0))
    # No more rows than the old one has: code can answer with any number of them.
    copied = any(torch.equal(row, other) for row in weight[: len(old)] for other in old)
    hint = "Class 0 of the new task has nothing to do with class 0 of the old one, also where there are as many."
    check(not copied, f"{model.asked}: the new head has rows of the old head's weight.", hint=hint)
    bias = model.state_dict().get(f"{head}.bias", torch.empty(0))
    check(not torch.equal(bias, old_bias), f"{model.asked}: the new head has the old head's bias.", hint=hint)


def assert_drawn_anew(one, other, head):
    """The new weights of two models differ, unless they are zero."""
    first, second = (model.state_dict().get(f"{head}.weight", torch.empty(0)) for model in (one, other))
    hint = "Each call draws from the random numbers as they come. Where does yours take them from?"
    drawn = not torch.equal(first, second) or not first.any()
    check(drawn, f"{one.asked}, called for two models: both get the same random weights.", hint=hint)


def assert_independent(one, other, rng):
    """Loading into one model leaves the other alone."""
    hint = "Does your function give out a layer that it made before?"
    randomise(one, rng)
    values = one.state_dict()
    randomise(other, rng)
    kept = all(torch.equal(value, values[name]) for name, value in one.state_dict().items())
    check(kept, f"{one.asked}, called for two models: what is loaded into one head changes the other.", hint=hint)


# -- where the head is ------------------------------------------------------------------------------------------------


@pytest.mark.points(1.5)
def test_head_of_the_model_itself(student, reference, rng):
    """ResNet, ShuffleNet, RegNet, DenseNet and Swin get a new head in its place, and all else stays."""
    for (build, head), num_classes in zip(DIRECT, [rng.integer(3, 9), 1, 2, 2 * OLD_CLASSES, 4], strict=True):
        assert_same_network(student, reference, rng, build, [head], num_classes)


@pytest.mark.points(1.5)
def test_head_inside_a_classifier(student, reference, rng):
    """MobileNet, EfficientNet, MNASNet, ConvNeXt, AlexNet, VGG and ViT get a new last layer, and all else stays."""
    sizes = [rng.integer(3, 9), 1, 2, 2 * OLD_CLASSES, *rng.distinct(3, 9, 4)]
    for (build, head), num_classes in zip(INSIDE, sizes, strict=True):
        assert_same_network(student, reference, rng, build, [head], num_classes)


@pytest.mark.points(1.5)
def test_squeezenet(student, reference, rng):
    """SqueezeNet gets a 1x1 convolution as head, and its attribute num_classes is set."""
    num_classes, later = rng.distinct(3, 9, 2)
    model = assert_same_network(student, reference, rng, squeezenet, ["classifier.1"], num_classes)
    before = shapes(model)
    model = replaced(student, model, later)  # once more, since every call has to make a layer of its own
    assert_only_heads_resized(model, before, ["classifier.1"], later)
    stored = model.attribute("num_classes")
    found = stored if isinstance(stored, int) else f"of type {type(stored).__name__}"
    check(stored == later, f"{model.asked}: afterwards `model.num_classes` is {found}, expected {later}.")


@pytest.mark.points(1.5)
def test_auxiliary_heads(student, reference, rng):
    """The auxiliary heads of GoogLeNet and Inception are replaced as well, if there are any."""
    for (build, heads), num_classes in zip(AUXILIARY, rng.distinct(3, 9, 4), strict=True):
        assert_same_network(student, reference, rng, build, heads, num_classes)


# -- what is there afterwards -----------------------------------------------------------------------------------------


@pytest.mark.points(1.5)
def test_all_else_stays(student, reference, rng):
    """The same object comes back, and all before the head keeps its values, dtypes and modes."""
    network, num_classes = network_with_a_head_found(student, rng), rng.integer(3, 9)
    model, backbone = network.build(student), network.backbone(reference).double()
    randomise(model, rng)
    for each in (model.float(), backbone):
        each.eval().inside(network.part).train()
    before, modes = model.state_dict(), model.modules_by_name()

    result = call(student, model, num_classes)
    hint = "Check `replace_head(model, 10) is model`. Does your function end with `return`?"
    check(isinstance(result, ModuleProxy), f"{model.asked} does not return a model.", hint=hint)
    check(result is model, f"{model.asked} returns another object than it was given.", hint=hint)
    assert_values_kept(model, before, [network.head])
    assert_modes_kept(model, modes, network)

    for build, heads in VARIED:
        other = build(student).eval()
        randomise(other, rng)
        values, around = other.float().state_dict(), modules_around(other, heads)
        other, _ = resized(student, other, heads, num_classes)
        if other is not None:
            assert_values_kept(other, values, heads)
            assert_modules_kept(other, around, heads)

    backbone.load_state_dict({name: before[name] for name in backbone.state_dict()})
    own = model.double().state_dict()
    drawn = {name: rng.randn(*value.shape) for name, value in own.items() if not network.keeps(name)}
    model.load_state_dict({**own, **drawn})
    model.inside(network.head).eval()  # the new layer's own mode is not asked about
    assert_head_on_backbone(model, network, backbone, rng, num_classes)
    statistics = backbone.buffers_by_name()
    hint = "Freezing is about requires_grad alone: a batch norm in training mode goes on as it was set up."
    for name, value in model.buffers_by_name().items():
        what = f"{model.asked}, then one forward: the running statistic `{name}`"
        assert_close(value, statistics.get(name), what, hint=hint)


@pytest.mark.points(1.5)
def test_new_layer(student, reference, rng):
    """The new layer has a bias, the dtype and device of the old one, and is made anew for each model."""
    network, num_classes = network_with_a_head_found(student, rng), rng.integer(3, 8)
    for model, head, dtypes in (
        (network.build(student), network.head, (torch.float64, torch.bfloat16, torch.float16)),
        (squeezenet(student), "classifier.1", (torch.bfloat16,)),
    ):
        for size, dtype in enumerate(dtypes, num_classes):  # of another size each time, so that none is left in place
            assert_dtypes(*resized(student, model.to(dtype), [head], size), dtype)
    for build, heads in [(network.build, [network.head]), *VARIED]:
        assert_own_dtypes(student, build(student), heads, num_classes)
    for build, head in [(alexnet, "classifier.6"), (squeezenet, "classifier.1")]:
        assert_on_meta(*resized(student, build(student.on("meta")), [head], num_classes))

    bare, parameters = resized(student, resnet(student, linear(512, bias=False)), ["fc"], num_classes)
    told = "replace_head(ResNet), the old head made without bias: the new one has none either."
    hint = "What does the new layer need, whatever the old one had?"
    check(bare is None or "fc.bias" in parameters, told, hint=hint)

    models = [network.build(student) for _ in range(2)]
    before = models[0].state_dict()
    one, other = (replaced(student, model, OLD_CLASSES) for model in models)
    assert_fresh(one, network.head, *(before[f"{network.head}.{name}"] for name in ("weight", "bias")))
    assert_drawn_anew(one, other, network.head)
    assert_independent(one, other, rng)
    what = f"replace_head({kind(other)}, {num_classes})"
    assert_world_untouched(student, lambda: call(student, other, num_classes), what)
    backbone = network.backbone(reference)
    share_backbone(one, network, backbone, rng)
    assert_head_on_backbone(one, network, backbone, rng, OLD_CLASSES)


@pytest.mark.points(2)
def test_only_the_new_layers_train(student, reference, rng):
    """With the backbone frozen, the new layers train and nothing else does."""
    network, num_classes = network_with_a_head_found(student, rng), rng.integer(3, 9)
    model, backbone = network.build(student), network.backbone(reference).requires_grad_(False)
    model = replaced(student, model, num_classes)
    parameters = model.parameters_by_name(values=False)
    assert_new_layers_train(model, parameters, [network.head], num_classes)
    assert_rest_frozen(model, parameters, [network.head])
    for build, heads in VARIED:
        other, parameters = resized(student, build(student), heads, num_classes)
        if other is not None:
            assert_new_layers_train(other, parameters, heads, num_classes)
            assert_rest_frozen(other, parameters, heads)
    share_backbone(model, network, backbone, rng)
    assert_gradients(model, network, backbone, rng, num_classes)


@pytest.mark.points(1.5)
def test_without_freezing(student, reference, rng):
    """With freeze_backbone=False, what trained trains, what was frozen stays frozen, and the new head trains."""
    network, num_classes = network_with_a_head_found(student, rng), rng.integer(3, 9)
    model, backbone = network.build(student), network.backbone(reference)
    model(rng.randn(2, 3, 16, 16).float()).backward(rng.randn(2, OLD_CLASSES).float())
    for part in (model.inside(network.part), model.inside(network.head), backbone.inside(network.part)):
        part.requires_grad_(False)
    before = model.parameters_by_name()
    model = replaced(student, model, num_classes, freeze_backbone=False)
    hint = "The old head was frozen here, and the new one trains all the same. What does it take over from the old one?"
    after = model.parameters_by_name()
    assert_new_layers_train(model, after, [network.head], num_classes, hint)
    assert_flags_and_gradients_kept(model, after, before, network)
    share_backbone(model, network, backbone, rng)
    assert_gradients(model, network, backbone, rng, num_classes)


def assert_refused_and_left_alone(student, mine, theirs, rng):
    """ValueError, and the model is as it was: modules, modes, attributes, flags, outputs and gradients."""
    modules = mine.modules_by_name()
    hint = "What should a caller see who passes a network whose head you can't find?"
    check(refused(student, mine), f"{mine.asked} does not raise ValueError.", hint=hint)
    check(refused(student, mine, freeze_backbone=False), f"{mine.asked} does not raise ValueError.", hint=hint)

    hint = "First look for the head, then change the model."
    check(mine.modules_by_name() == modules, f"{mine.asked}: the modules or their modes have changed.", hint=hint)
    check(not has_attribute(mine, "num_classes"), f"{mine.asked}: it now has `num_classes`.", hint=hint)
    for name, parameter in mine.parameters_by_name(values=False).items():
        check(parameter.requires_grad, f"{mine.asked}: `{name}` comes back frozen.", hint=hint)
    images = rng.randn(3, 3, 6, 7)
    assert_same_outputs(mine, theirs, [images], mode="train", hint=hint)
    assert_same_gradients(mine, theirs, [images], mode="train", hint=hint)


@pytest.mark.points(1.5)
def test_unknown_head_is_refused(student, reference, rng):
    """A model without a head at a known position raises ValueError and stays as it was; one with a head does not."""
    network, num_classes = network_with_a_head_found(student, rng), rng.integer(3, 9)
    model, backbone = replaced(student, network.build(student), num_classes), network.backbone(reference)
    for build, what in (
        (headless, "a Sequential of a 3x3 convolution, batch norm and pooling"),
        (
            headed_elsewhere,
            "a Sequential of `fc1` and `output`, which are not in the table, and of `fc`, which is an Identity",
        ),
    ):
        mine, theirs = build(student).train(), build(reference).train()
        share_weights(mine, theirs, rng)
        mine.asked = f"replace_head on {what}"
        assert_refused_and_left_alone(student, mine, theirs, rng)
    share_backbone(model, network, backbone, rng)
    assert_head_on_backbone(model, network, backbone, rng, num_classes)
