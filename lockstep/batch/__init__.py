"""Many series forecast, backtested or trained, partition by partition: on the cores of a machine, or on Ray."""
