import torch


def _listed(parameters):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    return [p.grad for p in parameters if p.grad is not None]


def clip_grad(parameters, max_norm, norm_type=2.0):
    grads = _listed(parameters)
    if len(grads) == 0:
        return torch.tensor(0.0)
    norms = []
    with torch.no_grad():
        for g in grads:
            n = torch.linalg.vector_norm(g, norm_type)
            g *= torch.minimum(torch.ones_like(n), max_norm / (n + 1e-6))
            norms.append(n)
    return torch.linalg.vector_norm(torch.stack(norms), norm_type)


def clip_grad_value(parameters, clip_value):
    for g in _listed(parameters):
        g.clamp_(min=-clip_value, max=clip_value)
