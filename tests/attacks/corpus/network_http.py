"""Fetches a page, as one that sends the hidden inputs home would."""
# category: network
# stopped by: netns, landlock, seccomp
# shown: unconfined decoys

import urllib.request


def attack():
    return urllib.request.urlopen("http://127.0.0.1:@TCP@/inputs", timeout=0.2)
