"""Istio's own kinds: https://istio.io/latest/docs/reference/config/networking/"""
