"""What deploys to Kubernetes: built, validated, checked and tried without a cluster."""
