"""Measurements, as ratios in one run: these machines are noisy. Never timed tests."""
