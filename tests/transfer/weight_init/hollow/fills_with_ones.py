"""fills weights with ones, and leaves models alone

Nothing is drawn, and no fan is counted.
"""

def fans(weight):
    return 1, 1


def kaiming_normal_(weight):
    weight.data.fill_(1)
    return weight


def xavier_uniform_(weight, gain=1.0):
    weight.data.fill_(gain)
    return weight


def init_model(model):
    return model
