# What your three functions do: a network that was trained on two clouds of points gets a new head for two others.
def plot_fine_tune(plt):
    """Draws the network's answers before and after, and the losses. Returns both accuracies, and how far the backbone
    has moved.
    """
    torch.manual_seed(0)

    def clouds(centre, n=100):
        y = torch.arange(n) % 2
        return torch.randn(n, 2) + (2.0 * y - 1)[:, None] * torch.tensor(centre), y

    def epochs_of(x, y, optimizer, epochs):
        return fine_tune(model, list(zip(x.split(25), y.split(25), strict=True)), optimizer, epochs)

    def share(x, y):
        return (model.eval()(x).argmax(1) == y).double().mean().item()

    model = nn.Sequential()
    model.add_module("backbone", nn.Sequential(nn.Linear(2, 16), nn.BatchNorm1d(16), nn.Tanh()))
    model.add_module("head", nn.Linear(16, 2))
    epochs_of(*clouds([2.0, 2.0]), torch.optim.SGD(model.parameters(), lr=0.1), 10)
    pretrained = {name: value.clone() for name, value in model.backbone.state_dict().items()}

    x, y = clouds([2.0, -2.0])
    figure, (before, after, curve) = plt.subplots(1, 3, figsize=(12, 3.5))
    with torch.no_grad():
        _shade(before, model.eval(), x, y)
        first = share(x, y)
    freeze(model, ["head"])
    groups = parameter_groups(model, "head", lr=0.0, head_lr=0.1, weight_decay=0.01)
    losses = epochs_of(x, y, torch.optim.SGD(groups, lr=0.1), 20)
    with torch.no_grad():
        _shade(after, model.eval(), x, y)
        second = share(x, y)
    moved = max(float((value - pretrained[n]).abs().max()) for n, value in model.backbone.state_dict().items())
    before.set_title(f"pretrained: {first:.0%}")
    after.set_title(f"fine-tuned: {second:.0%}")
    curve.plot(range(1, 21), losses)
    curve.set_xlabel("epoch")
    curve.set_ylabel("loss")
    curve.set_title(f"the backbone has moved by {moved:g}")
    figure.tight_layout()
    return first, second, moved


def _shade(axes, model, x, y):
    """Samples (n, 2) of two classes as dots, on the shade of the class that the model gives to each place."""
    low, high = x.amin(0) - 0.5, x.amax(0) + 0.5
    across, up = (torch.linspace(float(a), float(b), 60, dtype=x.dtype) for a, b in zip(low, high, strict=True))
    answers = model(torch.cartesian_prod(across, up)).argmax(1).reshape(60, 60).T
    axes.pcolormesh(across.tolist(), up.tolist(), answers.tolist(), cmap="coolwarm", alpha=0.3)
    axes.scatter(x[:, 0].tolist(), x[:, 1].tolist(), c=y.tolist(), cmap="coolwarm", s=12)
