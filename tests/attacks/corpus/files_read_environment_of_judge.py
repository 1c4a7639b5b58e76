"""Reads the environment of the process that grades, where tokens lie."""
# category: files
# stopped by: mountns, pidns, landlock
# shown: unconfined won


def attack():
    return open("/proc/@JUDGE_PID@/environ", "rb").read()
