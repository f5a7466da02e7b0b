"""Whole weeks of digests and alerts in a fraction of a second: tierbot's own sending, several replicas of it, on one
clock and one seed. The same seed does the same, step by step (`make simulation SEED=7`).
"""
