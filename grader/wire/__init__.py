"""The wire between judge and worker: plain data in frames, one decoder for both ways.

No pickle, no code, no object of the sender ever comes to life here.
"""
