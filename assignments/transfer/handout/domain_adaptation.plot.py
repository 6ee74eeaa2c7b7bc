# What two of your functions do: above, the target is the source, scaled and shifted; below, its second feature says
# nothing. Dots are samples of the target, and the shade is what the network says.
def plot_domain_adaptation(plt):
    """Draws a network's answers in the target without and with AdaBN and CORAL, and returns the four accuracies."""
    torch.manual_seed(1)
    figure, panels = plt.subplots(2, 2, figsize=(9, 7))
    y = torch.arange(200) % 2
    side = 2.0 * y - 1

    def samples(first, second):
        return torch.stack([2 * side + torch.randn(200), first * side + second * torch.randn(200)], 1)

    def descend(loss, parameters, rate, steps):
        for _ in range(steps):
            for p, gradient in zip(parameters, torch.autograd.grad(loss(), parameters), strict=True):
                p.data -= rate * gradient

    def show(axes, title, scores, x):
        low, high = x.amin(0) - 0.5, x.amax(0) + 0.5
        across, up = (torch.linspace(float(a), float(b), 60) for a, b in zip(low, high, strict=True))
        with torch.no_grad():
            answers = scores(torch.cartesian_prod(across, up)).argmax(1).reshape(60, 60).T
            accuracy = (scores(x).argmax(1) == y).double().mean().item()
        axes.pcolormesh(across.tolist(), up.tolist(), answers.tolist(), cmap="coolwarm", alpha=0.3)
        axes.scatter(x[:, 0].tolist(), x[:, 1].tolist(), c=y.tolist(), cmap="coolwarm", s=12)
        axes.set_title(f"{title}: {accuracy:.1%}")
        return accuracy

    source = samples(2, 0.5)
    moved = samples(2, 1) * torch.tensor([3.0, 0.5]) + 6
    model = nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 2))
    descend(lambda: nn.functional.cross_entropy(model(source), y), list(model.parameters()), 0.5, 30)
    model.eval()
    found = [show(panels[0][0], "the source's statistics", model, moved)]
    adapt_batch_norm(model, moved.split(40))
    found.append(show(panels[0][1], "AdaBN", model, moved))

    target = samples(0, 5)
    start = torch.eye(2) + 0.1 * torch.randn(2, 2), 0.3 * torch.randn(2, 2)
    for axes, title, weight in zip(panels[1], ("the source's labels alone", "CORAL"), (0.0, 0.3), strict=True):
        first, second = (value.clone().requires_grad_() for value in start)

        def loss(first=first, second=second, weight=weight):
            apart = coral_loss(source @ first, target @ first)
            return nn.functional.cross_entropy(source @ first @ second, y) + weight * apart

        descend(loss, [first, second], 0.03, 60)
        found.append(show(axes, title, lambda x, first=first, second=second: x @ first @ second, target))
    figure.tight_layout()
    return found
