"""Answers to what is asked after grading: whose marks moved and why, and why a mark is what it is."""
