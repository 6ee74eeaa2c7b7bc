import torch
import torch.nn.functional as F


def conv2d(x, weight, bias=None, stride=1, padding=0):
    return F.conv2d(x, weight, bias, stride=stride, padding=padding)


def conv2d_matrix(weight, height, width, stride=1, padding=0):
    n = weight.shape[1] * height * width
    eye = torch.eye(n, dtype=weight.dtype).reshape(n, weight.shape[1], height, width)
    return conv2d(eye, weight, None, stride, padding).reshape(n, -1).T
