"""What grading found, as data, and the forms in which people read it."""
