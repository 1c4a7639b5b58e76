"""Says that the sandbox is broken while it is loaded."""
# category: wire
# stopped by: set-up messages end with the set-up
# needs: wire
# expects: crashed

say(["l", ["broken", 0, "no space left on device"]])
say(["l", ["ready", 0, None]])
