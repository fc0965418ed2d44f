"""The judge and the ramp on simulated services: what a policy costs and finds, before anything is released with it."""
