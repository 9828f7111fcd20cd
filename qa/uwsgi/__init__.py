"""The service under a real uWSGI: its answers, its limits, and what happens to its workers."""
