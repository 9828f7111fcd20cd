"""MLflow's scoring protocol, which is SageMaker's container contract as well."""
