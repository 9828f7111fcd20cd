"""What forecasts are worth: pure functions of arrays, numpy alone.

Their sums are numpy's, whose last bits differ between CPUs. So nothing here may stand between input and prediction.
"""
