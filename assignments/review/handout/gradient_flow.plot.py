# What your functions measure: how much of the gradient is left, in new networks as PyTorch initialises them.
def plot_gradient_flow(plt):
    """Draws the norms over time and over depth, medians of seven networks as shares of the last norm, and returns their
    half-lives by name.
    """
    figure, panels = plt.subplots(1, 2, figsize=(11, 4))
    found = {}
    for seed in range(7):
        torch.manual_seed(seed)
        xs, h = torch.randn(40, 1, 16, dtype=torch.float64), torch.zeros(1, 16, dtype=torch.float64)
        opened = nn.LSTMCell(16, 16)
        nn.init.constant_(opened.bias_ih[16:32], 3.0)
        for name, cell, state in (
            ("RNN", nn.RNNCell(16, 16), h),
            ("LSTM", nn.LSTMCell(16, 16), (h, h)),
            ("LSTM, forget bias 3", opened, (h, h)),
        ):
            found.setdefault(("step", name), []).append(gradient_norms_over_time(cell.double(), xs, state))
        blocks = [nn.Sequential(nn.Linear(16, 16), nn.Tanh()).double() for _ in range(30)]
        x = torch.randn(8, 16, dtype=torch.float64)
        for name, skip in (("plain stack", False), ("residual stack", True)):
            found.setdefault(("block", name), []).append(gradient_norms_over_depth(blocks, x, skip))
    half_lives = {}
    for (over, name), every in found.items():
        norms = torch.stack([each / each[-1] for each in every]).median(dim=0).values
        half_lives[name] = half_life(norms)
        axes = panels[0 if over == "step" else 1]
        axes.semilogy(norms.tolist(), label=f"{name}: half-life {half_lives[name]:.2g}")
        axes.set_xlabel(over)
        axes.set_title("norm of the gradient, as a share of the last")
        axes.legend()
    figure.tight_layout()
    return half_lives
