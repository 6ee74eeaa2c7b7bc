import torch


def load_pretrained(model, state_dict, prefix="module."):
    stripped = {}
    for key in state_dict:
        stripped[key.removeprefix(prefix)] = state_dict[key]
    lists = {"loaded": [], "missing": [], "unexpected": [], "mismatched": []}
    todo = []
    state = model.state_dict(keep_vars=True)
    for name in state:
        if name not in stripped:
            lists["missing"].append(name)
        elif stripped[name].shape != state[name].shape:
            lists["mismatched"].append(name)
        else:
            lists["loaded"].append(name)
            todo.append((state[name], stripped[name]))
    for key in state_dict:
        if key.removeprefix(prefix) not in state:
            lists["unexpected"].append(key)
    if len(todo) == 0:
        raise ValueError("nothing could be loaded")
    for parameter, value in todo:
        parameter.data = value.detach().type(parameter.dtype).to(parameter.device)
    return lists
