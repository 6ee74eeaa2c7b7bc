"""Auto-graded PyTorch assignments: code that is judged and code that judges never share a process."""

__version__ = "0.1.0"
