"""A simulated Gradescope: what `make gradescope` and `make rehearse` run."""
