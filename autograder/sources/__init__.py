"""From what an instructor downloaded from a learning management system (LMS) to one folder per student or group.

A download is recognised by its structure and never guessed at: where a file could be several people's, UsageError says
what to do, before anything is graded. This room reads names, and copies bytes; what is in a student's file it leaves
to `autograder.submissions`.
"""
