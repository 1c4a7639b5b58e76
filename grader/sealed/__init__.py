"""A sealed suite: a homework's tests and keys, encrypted, to lie where students can see the file.

It is opened only by the judge, into a folder that no worker can read. Nothing here grades; the
solution and the banks of solutions are never part of it.
"""
