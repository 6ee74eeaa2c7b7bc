"""collects the report in a class of its own

A loader holds names and values; what it returns is a plain dictionary.
"""

import re

import torch


class Loader:
    def __init__(self, model, checkpoint, prefix):
        self.own = dict(model.state_dict())
        pattern = re.compile("^" + re.escape(prefix))
        self.names = {key: pattern.sub("", key, count=1) for key in checkpoint}
        self.values = {self.names[key]: checkpoint[key] for key in checkpoint}

    def verdict(self, name):
        value = self.values.get(name)
        if value is None:
            return "missing"
        return ("mismatched", "loaded")[value.shape == self.own[name].shape]

    def report(self):
        lists = {key: [] for key in ("loaded", "missing", "unexpected", "mismatched")}
        for name in self.own:
            lists[self.verdict(name)].append(name)
        lists["unexpected"].extend(key for key, name in self.names.items() if name not in self.own)
        return lists

    def copy(self, names):
        with torch.inference_mode(False), torch.no_grad():
            for name in names:
                self.own[name].copy_(self.values[name])


def load_pretrained(model, state_dict, prefix="module."):
    loader = Loader(model, state_dict, prefix)
    report = loader.report()
    if not report["loaded"]:
        raise ValueError("nothing in this checkpoint fits")
    loader.copy(report["loaded"])
    return report
