"""A class on a Dask cluster: same seed, same bytes as on one computer. Needs the extra `cluster`."""
