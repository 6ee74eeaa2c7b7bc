"""What a class says about the checks: how hard each is, and whether it separates. It flags, and drops nothing."""
