"""Remember a stack's ports between its starts, in the file `stack.json`."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from pipeline.core.errors import TandemError
from pipeline.core.private_files import FILE_MODE, private_folder, write_private

Ports = dict[str, int]
_REGISTRY, _CONTROL = "registry", "control"
_HIGHEST = 65535


def _nowhere() -> int | None:
    return None


class _UnreadableError(Exception):
    """The file is there, and does not hold ports."""


@dataclass(frozen=True)
class StackPorts:
    """The ports of one stack on 127.0.0.1."""

    file: Path
    find_registry: Callable[[], int | None] = _nowhere
    """Looks for the port of a registry that runs: asked if the file does not tell the port."""

    @property
    def has_registry(self) -> bool:
        """Whether the registry has a port already."""
        try:
            return _REGISTRY in self._read()
        except _UnreadableError:
            return self.find_registry() is not None

    @property
    def registry(self) -> int:
        """The registry's port; it stays the same until the stack stops, since image names contain it.

        Raises:
            TandemError: the file cannot be read, and no registry runs whose port could be used.
        """
        try:
            return self._read()[_REGISTRY]
        except (KeyError, _UnreadableError):
            with self._changed() as ports:
                if _REGISTRY not in ports:  # another process may have been faster
                    ports[_REGISTRY] = self.find_registry() or free_port()
                return ports[_REGISTRY]

    @property
    def control_plane(self) -> int:
        """The control plane's previous port; 0 without one."""
        try:
            return self._read().get(_CONTROL, 0)
        except _UnreadableError:
            return 0

    def keep_control_plane(self, port: int) -> None:
        """Remember the control plane's port for the next start.

        Raises:
            TandemError: the file cannot be read, and no registry runs whose port could be used.
        """
        with self._changed() as ports:
            ports[_CONTROL] = port

    @contextmanager
    def _changed(self) -> Iterator[Ports]:
        """The ports, written when the block ends; one process at a time."""
        private_folder(self.file.parent)
        with FileLock(self.file.with_suffix(".lock"), mode=FILE_MODE):
            ports = self._read_or_recover()
            yield ports
            write_private(self.file, json.dumps(ports))

    def _read(self) -> Ports:
        """The ports in the file; empty without a file."""
        try:
            ports = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            raise _UnreadableError from error
        if not isinstance(ports, dict) or not all(_is_port(port) for port in ports.values()):
            raise _UnreadableError
        return ports

    def _read_or_recover(self) -> Ports:
        """The ports; of a file that cannot be read, only the registry's matters, and a running one has it."""
        try:
            return self._read()
        except _UnreadableError:
            port = self.find_registry()
        if port is None:
            raise TandemError(
                f"{self.file} holds no ports, and no registry runs: released images are named after its port",
                hint=f'write {{"registry": PORT}} into {self.file}; or `tandem down`, then `tandem up`',
            )
        return {_REGISTRY: port}


def _is_port(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _HIGHEST


def free_port() -> int:
    """A port of 127.0.0.1 that no program uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
