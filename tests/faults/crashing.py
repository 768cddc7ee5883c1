"""A store whose process crashes at a chosen write."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.deploy.store.files import FileObjects
from pipeline.deploy.store.objects import Stored


class Crash(BaseException):
    """The process is gone: no code of it may catch this."""


@dataclass
class CrashingObjects:
    """Real files; write number `at` raises Crash before it happens (`early`) or after it is durable."""

    files: FileObjects
    at: int = -1
    early: bool = False

    def arm(self, at: int, *, early: bool) -> None:
        self.at, self.early = at, early

    @property
    def place(self) -> str:
        return self.files.place

    def read(self, key: str) -> Stored | None:
        return self.files.read(key)

    def keys(self, prefix: str) -> list[str]:
        return self.files.keys(prefix)

    def create(self, key: str, data: bytes) -> bool:
        return self._written(lambda: self.files.create(key, data))

    def replace(self, key: str, data: bytes, tag: str) -> bool:
        return self._written(lambda: self.files.replace(key, data, tag))

    def quick(self) -> "CrashingObjects":
        return self

    def _written(self, write: Callable[[], bool]) -> bool:
        self.at -= 1
        if self.at == 0 and self.early:
            raise Crash
        done = write()
        if self.at == 0:
            raise Crash
        return done
