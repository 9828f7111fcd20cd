"""The Open Inference Protocol, version 2, under `/v2`: tensors in JSON or as bytes in, tensors out."""
