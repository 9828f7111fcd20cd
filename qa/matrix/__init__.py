"""The same bits in other environments: NumPy's SIMD levels, OpenBLAS's kernels, Pythons, numbers of workers, Ray Serve.

`python -m qa.matrix` runs the service in each and compares it with the committed evaluation.
"""
