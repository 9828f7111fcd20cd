"""From bars to features: windows, indicators and feature sets."""
