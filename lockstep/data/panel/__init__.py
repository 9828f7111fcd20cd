"""Many series: a folder of price files, or one long frame, read one series after the other."""
