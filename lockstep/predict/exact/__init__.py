"""Estimators as arrays, and their predictions from arrays: the same bits on every CPU, without scikit-learn."""
