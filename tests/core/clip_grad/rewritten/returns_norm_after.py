import torch


class GradientClipper:
    def __init__(self, parameters):
        self.parameters = (parameters,) if torch.is_tensor(parameters) else tuple(parameters)

    @property
    def gradients(self):
        return tuple(p.grad for p in self.parameters if p.grad is not None)

    def norm(self, p):
        if not self.gradients:
            return torch.tensor(0.0)
        return torch.linalg.vector_norm(torch.cat([g.flatten() for g in self.gradients]), ord=p)

    def scale(self, factor):
        for g in self.gradients:
            g.mul_(factor)


def clip_grad(parameters, max_norm, norm_type=2.0):
    clipper = GradientClipper(parameters)
    coef = max_norm / (clipper.norm(norm_type) + 1e-6)
    clipper.scale(torch.clamp(coef, max=1.0))
    return clipper.norm(norm_type)


def clip_grad_value(parameters, clip_value):
    for g in GradientClipper(parameters).gradients:
        torch.clamp(g, -clip_value, clip_value, out=g)
