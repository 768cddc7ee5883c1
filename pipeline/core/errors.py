"""The one error that users are meant to see."""


class TandemError(Exception):
    """Something went wrong that the user can mend.

    The message reads *what happened: why*; `mend` is the command or change that mends it.
    Only the CLI catches it.
    """

    def __init__(self, message: str, *, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
