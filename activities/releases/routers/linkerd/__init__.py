"""A mesh that leads by HTTPRoutes of Services: https://linkerd.io/2/features/gateway-api/"""
