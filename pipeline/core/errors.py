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


def error_reason(error: Exception) -> str:
    """Why something failed: the message of a TandemError, type and text of any other error."""
    return error.message if isinstance(error, TandemError) else f"{type(error).__name__}: {error}"
