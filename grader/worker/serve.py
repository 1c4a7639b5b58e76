"""The worker's loop: does what the judge asks, one request at a time, until it hangs up.

Requests are [kind, number, payload]; answers ["value", number, value] or ["raised", number,
fault]. In between come ["output", 0, text] and ["callback", function, [args, kwargs]].
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from grader.wire.channel import Channel, ChannelClosed
from grader.wire.codec import NotPlain
from grader.worker.actions import Actions
from grader.worker.faults import describe_exception
from grader.worker.printing import Printer


class CallbackFailed(Exception):
    """A function that the test handed over could not take what it was called with."""


def serve(channel: Channel, output_limit: int) -> None:
    """Answer until the judge hangs up, then leave at once: no atexit hook of the student runs."""
    lock = threading.Lock()

    def send(message: list[Any]) -> None:
        with lock:
            channel.send(message, actions.objects.hooks)

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
