"""What works on a clone of this project and is not installed with it: the bench, and a simulated Gradescope."""
