"""The stack's access key, in an AWS credentials file that only its owner can read."""

import configparser
import secrets
import string
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from pipeline.core.errors import TandemError
from pipeline.core.private_files import FILE_MODE, write_private

_KEY_ALPHABET = string.ascii_uppercase + string.digits
_KEY_LENGTH = 20  # AWS's length: moto finds no other one in a request


@dataclass(frozen=True)
class StackKeys:
    """An access key and its secret."""

    access_key: str
    secret_key: str = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """New random keys."""
        name = "".join(secrets.choice(_KEY_ALPHABET) for _ in range(_KEY_LENGTH))
        return cls(name, secrets.token_urlsafe(30))


@dataclass(frozen=True)
class CredentialsFile:
    """The file that holds the keys of one stack; `AWS_SHARED_CREDENTIALS_FILE` can name it."""

    path: Path

    def ensure(self) -> StackKeys:
        """The stored keys; new ones are stored if there is no file.

        Raises:
            TandemError: the file cannot be read.
        """
        if not self.path.exists():
            keys = StackKeys.generate()
            write_private(self.path, _text(keys))
        self.path.chmod(FILE_MODE)
        return self.read()

    def read(self) -> StackKeys:
        """The stored keys.

        Raises:
            TandemError: there is no file, or it holds no keys.
        """
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(self.path.read_text(encoding="utf-8"))
            values = parser["default"]
            return StackKeys(values["aws_access_key_id"], values["aws_secret_access_key"])
        except (OSError, ValueError, KeyError, configparser.Error) as error:
            # The error's text may repeat the file's content.
            raise TandemError(
                f"the local stack's keys cannot be read from {self.path}: {type(error).__name__}",
                hint="`tandem down`, then `tandem up`",
            ) from None


def _text(keys: StackKeys) -> str:
    return f"[default]\naws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n"
