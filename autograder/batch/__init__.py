"""Grades many submissions: graders, which are processes of their own, and who hands them their work."""
