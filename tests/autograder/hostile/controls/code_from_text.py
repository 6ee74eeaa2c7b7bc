"""Makes code while it runs

Honest: uses eval, exec, a namedtuple, a partial function, a decorator and a context manager of its own
"""
# exercise: residual_block

import collections
import contextlib
import functools

Shape = collections.namedtuple("Shape", "batch channels height width")
half = eval("lambda value: value // 2")
exec("def double(value):\n    return 2 * value")


@contextlib.contextmanager
def counted(counter):
    counter["calls"] += 1
    yield


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        with counted(COUNTER):
            return function(*args, **kwargs)

    return wrapper


COUNTER = collections.Counter()


class ResidualBlock(ResidualBlock):
    @logged
    def forward(self, x):
        assert double(half(4)) == 4 and Shape(*x.shape).channels == x.shape[1]
        return super().forward(x)
