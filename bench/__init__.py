"""The benchmark: this service beside a Flask echo and beside the blog-post way, measured in one run.

`python -m bench` prints it; `bench.figures` holds the targets.
"""
