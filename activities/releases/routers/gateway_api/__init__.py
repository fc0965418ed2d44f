"""Any implementation of Gateway API: https://gateway-api.sigs.k8s.io/"""
