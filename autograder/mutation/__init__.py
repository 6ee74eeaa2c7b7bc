"""The room that makes mutants of reference solutions. It knows syntax trees, runs no solution and imports no torch."""
