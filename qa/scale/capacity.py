"""The capacity model of docs/scale.md: machines, memory and cost, from what was measured. Pure functions."""

import math
from dataclasses import dataclass

SECONDS_PER_MONTH = 365.25 / 12 * 86_400
MILLION = 1e6


@dataclass(frozen=True)
class Inputs:
    """What was measured: seconds of a core for a request and for each of its rows; memory in 10^6 bytes.

    `service_mb` is the master without models, `worker_mb` each worker; the workers share what the models take.
    """

    request_s: float
    row_s: float
    service_mb: float
    worker_mb: float
    series_mb: float
    table_mb: float


@dataclass(frozen=True)
class Demand:
    """The requests a second at the peak, the mean as a share of the peak, rows in a request, and the models."""

    peak_per_s: float
    rows: int
    mean_share: float
    series_models: int
    table_models: int = 0


@dataclass(frozen=True)
class Machine:
    """A dyno or a server: cores, each counted in cores of the measured machine; memory; its price a month."""

    cores: float
    memory_mb: float
    price: float


@dataclass(frozen=True)
class Capacity:
    """What a demand takes: cores at work, machines, the memory of each in 10^6 bytes, and the cost of 10^6 forecasts.

    `fits` is whether the memory of a machine is enough; more machines do not help if it is not.
    """

    cores: float
    machines: int
    machine_mb: float
    fits: bool
    per_million: float


def request_seconds(inputs: Inputs, rows: int) -> float:
    """Return the seconds of a core that a request of so many rows takes."""
    return inputs.request_s + rows * inputs.row_s


def service_megabytes(inputs: Inputs, workers: int, series_models: int, table_models: int) -> float:
    """Return the memory of a master, its workers and the models, in 10^6 bytes."""
    models_mb = series_models * inputs.series_mb + table_models * inputs.table_mb
    return inputs.service_mb + workers * inputs.worker_mb + models_mb


def plan_capacity(inputs: Inputs, demand: Demand, machine: Machine, utilization: float) -> Capacity:
    """Return what a demand takes on machines of one kind whose cores are busy for `utilization` of the peak's time."""
    cores = demand.peak_per_s * request_seconds(inputs, demand.rows) / utilization
    machines = max(1, math.ceil(cores / machine.cores))
    workers = max(1, math.ceil(machine.cores))
    machine_mb = service_megabytes(inputs, workers, demand.series_models, demand.table_models)
    forecasts = demand.peak_per_s * demand.mean_share * demand.rows * SECONDS_PER_MONTH
    return Capacity(
        cores, machines, machine_mb, machine_mb <= machine.memory_mb, machines * machine.price / forecasts * MILLION
    )
