"""Remember a stack's ports between its starts, in the file `stack.json`."""

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class StackPorts:
    """The ports of one stack on 127.0.0.1."""

    file: Path

    @property
    def has_registry(self) -> bool:
        """Whether the registry has a port already."""
        return "registry" in self._read()

    @property
    def registry(self) -> int:
        """The registry's port; it stays the same until the stack stops, since image names contain it."""
        ports = self._read()
        if "registry" not in ports:
            ports["registry"] = _free_port()
            self._write(ports)
        return int(ports["registry"])

    @property
    def control_plane(self) -> int:
        """The control plane's previous port; 0 without one."""
        return int(self._read().get("control", 0))

    def keep_control_plane(self, port: int) -> None:
        """Remember the control plane's port for the next start."""
        self._write({**self._read(), "control": port})

    def _read(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            ports: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
            return ports
        return {}

    def _write(self, ports: dict[str, Any]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(ports), encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
