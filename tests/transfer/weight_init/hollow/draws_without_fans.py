"""draws numbers between 0 and 1 for everything

No formula is looked at.
"""

def fans(weight):
    raise ValueError("no fans")


def kaiming_normal_(weight):
    weight.data.uniform_()
    return weight


def xavier_uniform_(weight, gain=1.0):
    weight.data.uniform_()
    return weight


def init_model(model):
    for p in model.parameters():
        p.data.uniform_()
    return model
