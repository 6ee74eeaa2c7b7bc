class Report(dict):
    def __init__(self):
        super().__init__(loaded=[], missing=[], unexpected=[], mismatched=[])


def saved(model):
    for path, module in model.named_modules(remove_duplicate=False):
        start = f"{path}." if path else ""
        for leaf, value in module._parameters.items():
            if value is not None:
                yield start + leaf, value
        for leaf, value in module._buffers.items():
            if value is not None and leaf not in module._non_persistent_buffers_set:
                yield start + leaf, value


def load_pretrained(model, state_dict, prefix="module."):
    report, plan = Report(), []
    keys = {}
    for key in state_dict:
        keys[key[len(prefix) :] if key[: len(prefix)] == prefix else key] = key
    names = set()
    for name, value in saved(model):
        names.add(name)
        if name not in keys:
            report["missing"] += [name]
        elif state_dict[keys[name]].size() == value.size():
            plan += [(value, state_dict[keys[name]])]
            report["loaded"] += [name]
        else:
            report["mismatched"] += [name]
    report["unexpected"] += [key for name, key in keys.items() if name not in names]
    if not plan:
        raise ValueError("nothing to load")
    for target, source in plan:
        target.data.copy_(source.data)
    return report
