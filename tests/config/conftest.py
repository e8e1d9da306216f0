"""A folder with settings files in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.settings import Override, Settings, load, reload


@dataclass
class Folder:
    """Writes `.env` and the tuned file, and loads the settings from them."""

    root: Path

    @property
    def env(self) -> Path:
        return self.root / ".env"

    @property
    def tuned(self) -> Path:
        return self.root / "tuned.env"

    def write(self, *lines: str) -> Folder:
        self.env.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return self

    def tune(self, *lines: str) -> Folder:
        self.tuned.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return self

    def load(
        self,
        environ: Mapping[str, str] | None = None,
        overrides: Sequence[Override] = (),
        cli: Mapping[str, object] | None = None,
    ) -> Settings:
        return load(self.env, self.tuned, environ or {}, overrides, cli or {})

    def reload(
        self, old: Settings, environ: Mapping[str, str] | None = None, overrides: Sequence[Override] | None = None
    ) -> Settings:
        return reload(old, self.env, self.tuned, environ or {}, overrides)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def folders(tmp_path: Path) -> Callable[[str], Folder]:
    """A fresh folder by name, for tests that need more than one."""

    def make(name: str) -> Folder:
        (tmp_path / name).mkdir(exist_ok=True)
        return Folder(tmp_path / name)

    return make
