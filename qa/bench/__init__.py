"""The benchmark: this service beside a Flask echo and beside the blog-post way, measured in one run.

`python -m qa.bench` prints it; `qa.bench.figures` holds the targets.
"""
