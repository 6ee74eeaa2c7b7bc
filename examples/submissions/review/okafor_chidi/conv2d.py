"""Convolution by sliding windows."""
import torch
import torch.nn.functional as F


def conv2d(x, weight, bias=None, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    kH, kW = weight.shape[2], weight.shape[3]
    patches = x.unfold(2, kH, stride).unfold(3, kW, stride)      # N C H' W' kH kW
    out = torch.einsum("nchwij,ocij->nohw", patches, weight)
    if bias is not None:
        out = out + bias[:, None, None]
    return out


def conv2d_matrix(weight, height, width, stride=1, padding=0):
    O, C, kH, kW = weight.shape
    oh = (height + 2 * padding - kH) // stride + 1
    ow = (width + 2 * padding - kW) // stride + 1
    M = weight.new_zeros((O, oh, ow, C, height + 2 * padding, width + 2 * padding))
    for i in range(oh):
        for j in range(ow):
            M[:, i, j, :, i * stride : i * stride + kH, j * stride : j * stride + kW] = weight
    M = M[..., padding : padding + height, padding : padding + width]
    return M.reshape(O * oh * ow, C * height * width)
