"""What is known of PyTorch, for the mutation operators: which names belong together, and what functions take."""

from __future__ import annotations

# Methods and functions that give several tensors.
PARTS = {"chunk", "split", "unbind", "tensor_split"}

# Functions that make a tensor which has no history.
_MADE_OF = ("tensor", "zeros", "ones", "empty", "full", "rand", "randn", "randint", "arange", "linspace", "eye")
FACTORIES = {name for kind in _MADE_OF for name in (kind, f"{kind}_like", f"new_{kind}")}

_ABOUT_GRADIENTS = {"no_grad", "enable_grad", "inference_mode", "set_grad_enabled", "manual_seed"}
_ABOUT_TENSORS = {"size", "dim", "numel", "item", "tolist", "is_tensor", "is_floating_point", "finfo", "device"}
_ABOUT_MODULES = {"parameters", "modules", "children", "buffers", "train", "eval", "get_submodule"}
NOT_TENSORS = _ABOUT_GRADIENTS | _ABOUT_TENSORS | _ABOUT_MODULES | {f"named_{name}" for name in _ABOUT_MODULES}
TENSOR_ATTRIBUTES = {"grad", "data", "weight", "bias", "T", "mT", "running_mean", "running_var"}

# Methods of a tensor that say something about it and pass no gradient on.
METADATA = {"size", "dim", "numel", "new_zeros", "new_ones", "new_empty", "new_full", "new_tensor"}

# What each activation is taken for: the other usual ones, and one that differs only for some inputs.
_USUAL = ("relu", "tanh", "sigmoid", "silu")
_NEAR = {"relu": ("leaky_relu", "relu6"), "tanh": ("hardtanh",), "sigmoid": ("hardsigmoid",), "silu": ("gelu",)}
ACTIVATIONS = {
    **{
        name: tuple(other for other in _USUAL if other != name) + _NEAR.get(name, ())
        for name in (*_USUAL, "gelu", "leaky_relu", "relu6", "elu", "hardsigmoid", "hardtanh")
    },
    "softmax": ("log_softmax", "softmin"),
    "log_softmax": ("softmax",),
}
_CLASSES = "ReLU Tanh Sigmoid SiLU GELU LeakyReLU ReLU6 ELU Hardsigmoid Hardtanh Softmax LogSoftmax Softmin"
ACTIVATION_CLASSES = dict(zip([*ACTIVATIONS, "softmin"], _CLASSES.split(), strict=True))
ACTIVATIONS_IN_TORCH = {"relu", "tanh", "sigmoid", "softmax", "log_softmax"}

# What torch has in place as well, under a name with an underscore: its own functions, those of torch.nn.functional,
# methods.
_IN_TORCH = {"relu", "sigmoid", "tanh", "clamp", "exp", "log", "sqrt", "rsqrt", "neg", "abs"}
_IN_FUNCTIONAL = {"relu", "leaky_relu", "elu", "hardtanh", "selu", "celu"}
METHODS_IN_PLACE = _IN_TORCH | {"add", "sub", "mul", "div", "pow"}
FUNCTIONS_IN_PLACE = {f"torch.{name}" for name in _IN_TORCH} | {
    f"{module}.{name}" for module in ("F", "nn.functional", "torch.nn.functional") for name in _IN_FUNCTIONAL
}

# At which place a function of torch takes its dimension; a method of a tensor takes it one place earlier.
_AT_ONE = "cat stack unbind softmax log_softmax mean sum prod amax amin argmax cumsum squeeze unsqueeze flatten"
DIM_POSITION = {**dict.fromkeys(_AT_ONE.split(), 1), "chunk": 2, "split": 2}
# What is written for a dimension that is left out.
DIM_ADDED = {"mean": 0, "sum": 0, "amax": 0, "amin": 0, "cat": 1, "chunk": 1, "split": 1}
REDUCTIONS = {"mean", "sum", "amax", "amin", "std", "var"}


def _taken_for(text: str) -> dict[str, list[str]]:
    """From names and what they are easily taken for: `clamp-clamp_min-clamp_max`."""
    return {name: others for name, *others in (entry.split("-") for entry in text.split())}


SIBLINGS = _taken_for("""
mean-sum sum-mean max-min min-max amax-amin amin-amax any-all all-any zeros-ones ones-zeros new_zeros-new_ones
uniform_-normal_ normal_-uniform_ chunk-split stack-cat cat-stack vector_norm-norm norm-vector_norm
clamp-clamp_min-clamp_max rpartition-partition partition-rpartition append-extend
named_modules-named_children modules-children parameters-buffers
""")
CLASSES = _taken_for("""
nn.Linear-nn.Conv2d-nn.Module nn.Conv2d-nn.Linear-nn.Conv1d Tensor-list torch.Tensor-list
list-tuple tuple-list int-float float-int
""")

# Arguments of layers and functions: name, position, default, and what is written for it, where {0} stands for the
# call's first argument. What has no default is given in every call.
Arguments = tuple[tuple[str, int, str, str], ...]
CONVOLUTION: Arguments = (
    ("kernel_size", 2, "", "1 3"),
    ("stride", 3, "1", "1 2"),
    ("padding", 4, "0", "0 1"),
    ("dilation", 5, "1", "2"),
    ("groups", 6, "1", "1 {0}"),
    ("bias", 7, "True", "True False"),
    ("padding_mode", 8, '"zeros"', '"reflect"'),
)
_BATCH_NORM: Arguments = (
    ("eps", 1, "1e-5", "1e-3"),
    ("momentum", 2, "0.1", "0.9 None"),
    ("affine", 3, "True", "False"),
    ("track_running_stats", 4, "True", "False"),
)
_POOLING: Arguments = (
    ("kernel_size", 0, "", "2 3"),
    ("stride", 1, "", "1 2"),
    ("padding", 2, "0", "1"),
    ("ceil_mode", 3, "False", "True"),
)
_LAYER_NORM: Arguments = (
    ("eps", 1, "1e-5", "1e-3"),
    ("elementwise_affine", 2, "True", "False"),
    ("bias", 3, "True", "False"),
)
_LOSSES = ("cross_entropy", "mse_loss", "nll_loss", "binary_cross_entropy_with_logits")
ARGUMENTS: dict[str, Arguments] = {
    **{f"Conv{dimensions}d": CONVOLUTION for dimensions in (1, 2, 3)},
    **{f"BatchNorm{dimensions}d": _BATCH_NORM for dimensions in (1, 2, 3)},
    **{f"{kind}Pool{dimensions}d": _POOLING for kind in ("Max", "Avg") for dimensions in (1, 2, 3)},
    "Linear": (("bias", 2, "True", "True False"),),
    "LayerNorm": _LAYER_NORM,
    "GroupNorm": (("num_groups", 0, "", "1"), ("eps", 2, "1e-5", "1e-3"), ("affine", 3, "True", "False")),
    "Dropout": (("p", 0, "0.5", "0.1 0.0 1.0"), ("inplace", 1, "False", "True")),
    "ReLU": (("inplace", 0, "False", "True"),),
    **{f"conv{dimensions}d": (*CONVOLUTION[1:4], ("groups", 6, "1", "1")) for dimensions in (1, 2, 3)},
    "batch_norm": (("momentum", 6, "0.1", "0.9"), ("eps", 7, "1e-5", "1e-3")),
    "layer_norm": (("eps", 4, "1e-5", "1e-3"),),
    "dropout": (("p", 1, "0.5", "0.1 0.0"),),
    "leaky_relu": (("negative_slope", 1, "0.01", "0.1"),),
    **dict.fromkeys(_LOSSES, (("reduction", 9, '"mean"', '"mean" "sum" "none"'),)),
}
