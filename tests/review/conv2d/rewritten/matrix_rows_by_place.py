import torch
import torch.nn.functional as nnf


def conv2d(x, weight, bias=None, stride=1, padding=0):
    image = nnf.pad(x, (padding, padding, padding, padding))
    patches = image.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    result = torch.tensordot(patches, weight, dims=([1, 4, 5], [1, 2, 3]))
    if bias is not None:
        result = result + bias
    return result.permute(0, 3, 1, 2)


def conv2d_matrix(weight, height, width, stride=1, padding=0):
    o, c, p, q = weight.shape
    rows = []
    for k in range(o):
        for top in range(-padding, height + padding - p + 1, stride):
            for left in range(-padding, width + padding - q + 1, stride):
                row = torch.zeros_like(weight[0, 0, 0, 0]).repeat(c, height, width)
                for a in range(p):
                    for b in range(q):
                        if 0 <= top + a < height and 0 <= left + b < width:
                            row[:, top + a, left + b] = weight[k, :, a, b]
                rows.append(row.reshape(-1))
    m = torch.stack(rows)
    return m.reshape(o, -1, m.shape[1]).transpose(0, 1).reshape(m.shape)
