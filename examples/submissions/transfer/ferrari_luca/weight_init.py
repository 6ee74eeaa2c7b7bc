from torch import nn


def fans(weight):
    return nn.init._calculate_fan_in_and_fan_out(weight)


def kaiming_normal_(weight):
    return nn.init.kaiming_normal_(weight)


def xavier_uniform_(weight, gain=1.0):
    return nn.init.xavier_uniform_(weight, gain)


def init_model(model):
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            kaiming_normal_(module.weight)
            nn.init.zeros_(module.bias)
    return model
