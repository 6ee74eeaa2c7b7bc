"""The boundary between the code that judges and the code that is judged.

`values`, `framing` and `host` are shared by both sides; `zygote` and `worker` run the student's code; `client` is the
grader's end. Nothing in here knows a suite, a solution or a seed.
"""
