"""Know that the server stops: it waits for the ends of all answers, and a stream has no end of its own."""

import signal
import threading
from collections.abc import Callable
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
Handler = Callable[[int, FrameType | None], object]


class Stopping:
    """Hears the signals by which a server is stopped, and passes them on to it."""

    def __init__(self) -> None:
        self.is_set = False
        self._listens = False

    def listen(self) -> None:
        """Begin to hear them; only the main thread can, and signals without a handler stay without one."""
        if self._listens or threading.current_thread() is not threading.main_thread():
            return
        self._listens = True
        for number in _SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler):
                signal.signal(number, self._before(handler))

    def _before(self, handler: Handler) -> Handler:
        def handle(number: int, frame: FrameType | None) -> None:
            self.is_set = True
            handler(number, frame)

        return handle


stopping = Stopping()
"""Of this process."""
