"""The one error that users see."""

from pipeline.core.plain_text import without_credentials


class TandemError(Exception):
    """Something went wrong that the user can fix.

    The message reads *what happened: why*; `hint` is the command or change that fixes it.
    Only the CLI catches it to end the command. Records and the trail keep the message: what others report in
    it may hold addresses with a password or a signature, and is shown without them.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = without_credentials(message)
        super().__init__(self.message)
        self.hint = hint


def error_reason(error: Exception) -> str:
    """Why something failed: the message of a TandemError, type and text of any other error."""
    return (
        error.message
        if isinstance(error, TandemError)
        else without_credentials(f"{type(error).__name__}: {error}")
    )
