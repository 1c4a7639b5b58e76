"""Goes through another process' root folder in /proc."""
# category: files
# stopped by: mountns, pidns, landlock
# shown: unconfined won


def attack():
    for pid in (1, int("@JUDGE_PID@")):
        try:
            return open(f"/proc/{pid}/root@SECRET@").read()
        except OSError as err:
            last = err
    raise last
