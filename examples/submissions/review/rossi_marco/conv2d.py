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
    # TODO: no idea yet how to do this with stride and padding
    O, C, kH, kW = weight.shape
    oh, ow = height - kH + 1, width - kW + 1
    M = torch.zeros(O, oh, ow, C, height, width)
    for i in range(oh):
        for j in range(ow):
            M[:, i, j, :, i : i + kH, j : j + kW] = weight
    return M.view(O * oh * ow, -1)
