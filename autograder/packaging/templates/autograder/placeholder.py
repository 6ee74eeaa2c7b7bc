# otter wants one test. The marks come from the plugin, which replaces the result of this one.
OK_FORMAT = True

test = {
    "name": "placeholder",
    "points": 0,
    "suites": [{"type": "doctest", "setup": "", "teardown": "", "scored": True, "cases": [{"code": ">>> 1\n1"}]}],
}
