"""returns the norm of half-precision gradients in float32

Adding up in float32 is a good idea for float16 and bfloat16, but the norm that comes back has the gradients' dtype,
as everything does that is computed from it.

Hint: Compare the dtype of what you return with the dtype of the gradients.
"""

import torch


def wide(dtype):
    return torch.float32 if dtype in (torch.float16, torch.bfloat16) else dtype


def clip_grad(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    grads = [p.grad for p in parameters if p.grad is not None]
    if len(grads) == 0:
        return torch.tensor(0.0)
    norms = torch.stack([torch.linalg.vector_norm(g, norm_type, dtype=wide(g.dtype)) for g in grads])
    total_norm = torch.linalg.vector_norm(norms, norm_type)
    clip_coef = torch.clamp(max_norm / (total_norm + 1e-6), max=1.0)
    for g in grads:
        g.mul_(clip_coef.to(g.dtype))
    return total_norm


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is not None:
            p.grad.clamp_(-clip_value, clip_value)
