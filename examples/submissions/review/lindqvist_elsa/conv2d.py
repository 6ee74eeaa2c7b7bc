import torch
import torch.nn.functional as F


def out_size(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) // stride + 1


def conv2d(x, weight, bias=None, stride=1, padding=0):
    N, C, H, W = x.shape
    O, _, kH, kW = weight.shape
    cols = F.unfold(x, kernel_size=(kH, kW), stride=stride, padding=padding)   # N, C*kH*kW, L
    out = torch.einsum("ok,nkl->nol", weight.view(O, -1) if weight.is_contiguous() else weight.reshape(O, -1), cols)
    if bias is not None:
        out = out + bias.view(1, O, 1)
    return out.view(N, O, out_size(H, kH, stride, padding), out_size(W, kW, stride, padding))


def conv2d_matrix(weight, height, width, stride=1, padding=0):
    # column k = response to the k-th unit image
    C = weight.shape[1]
    eye = torch.eye(C * height * width, dtype=weight.dtype, device=weight.device)
    return conv2d(eye.view(-1, C, height, width), weight, None, stride, padding).flatten(1).t()
