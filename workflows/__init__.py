"""Keeps durable state: deterministic and thin. Each file is one workflow; domain makes its decisions."""
