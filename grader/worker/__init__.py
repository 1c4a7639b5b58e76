"""What runs beside the student's code: the template process and the worker's loop.

Holds no test, no expected value and no key; nothing here is believed by the judge.
"""
