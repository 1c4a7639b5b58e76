"""The worker's loop: does what the judge asks, one request at a time, until it hangs up.

Requests are [kind, number, payload]; answers ["value", number, value] or ["raised", number,
fault]. In between come ["output", 0, text], ["callback", function, [args, kwargs]] and, when the
time is nearly over, ["standing", 0, place].
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from grader.wire.channel import Channel, ChannelClosed
from grader.wire.codec import Hooks, NotPlain
from grader.worker.actions import Actions
from grader.worker.faults import describe_exception
from grader.worker.printing import Printer
from grader.worker.watch import Place, Watch


class CallbackFailed(Exception):
    """A function that the test handed over could not take what it was called with."""


class _Sender:
    """Sends messages whole, whichever thread or signal they come from."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self._place: Place | None = None  # told while another message was being sent

    def send(self, message: list[Any], hooks: Hooks) -> None:
        with self._lock:
            if self._place is not None:
                place, self._place = self._place, None
                self._channel.send(["standing", 0, place])
            self._channel.send(message, hooks)

    def tell(self, place: Place) -> None:
        """Called by a signal, perhaps amid `send`: it never waits for the lock."""
        if not self._lock.acquire(blocking=False):
            self._place = place
            return
        try:
            self._channel.send(["standing", 0, place])
        finally:
            self._lock.release()


def serve(channel: Channel, output_limit: int) -> None:
    """Answer until the judge hangs up, then leave at once: no atexit hook of the student runs."""
    sender = _Sender(channel)
    watch = Watch(sender.tell)

    def send(message: list[Any]) -> None:
        sender.send(message, actions.objects.hooks)

    def call_back(function: int, args: list[Any], kwargs: dict[str, Any]) -> Any:
        send(["callback", function, [args, kwargs]])
        kind, _, value = channel.receive(actions.objects.hooks)
        if kind != "answer":
            raise CallbackFailed(value)
        return value

    actions = Actions(call_back)
    printer = Printer(lambda text: send(["output", 0, text]), output_limit)
    sys.stdout = sys.stderr = printer
    send(["ready", 0, None])
    try:
        while True:
            kind, number, payload = channel.receive(actions.objects.hooks)
            try:
                with watch.watching(kind, payload):
                    answer = ["value", number, actions.perform(kind, payload)]
            except BaseException as err:
                answer = ["raised", number, describe_exception(err)]
            printer.flush()
            try:
                send(answer)
            except NotPlain as err:
                send(["raised", number, describe_exception(TypeError(str(err)))])
    except ChannelClosed:
        os._exit(0)
