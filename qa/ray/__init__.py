"""The app on Ray Serve: a head of Ray's on loopback, and what is proven of the service that runs on it.

Other modules of qa/ start the same with `qa.ray.service.run_ray`.
"""
