"""Runs beside the code: asks twice for the same list, as somebody does who trains two networks."""


def twice(function, config, in_channels):
    """Two networks from one list, which the caller still holds, and the list afterwards."""
    first = function(config, in_channels)
    second = function(config, in_channels)
    return first, second, list(config)
