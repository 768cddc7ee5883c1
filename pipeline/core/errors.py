"""The one error that users see."""


class TandemError(Exception):
    """Something went wrong that the user can fix.

    The message reads *what happened: why*; `hint` is the command or change that fixes it.
    Only the CLI catches it to end the command.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
