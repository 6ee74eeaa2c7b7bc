"""Makes the files of a new exercise."""
