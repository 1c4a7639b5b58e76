"""Reads the memory of the process that grades, expected values and all."""
# category: files
# stopped by: mountns, pidns, landlock
# shown: unconfined won


def attack():
    with open("/proc/@JUDGE_PID@/maps") as maps:
        start = next(int(line.split("-")[0], 16) for line in maps if " r--p " in line)
    with open("/proc/@JUDGE_PID@/mem", "rb", buffering=0) as memory:
        memory.seek(start)
        return memory.read(64)
