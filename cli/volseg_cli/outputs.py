"""Files that ``volseg evaluate`` writes besides what it prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from volseg.errors import InputError

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True)
class Outputs:
    """Files to write besides what is printed."""

    json: Path | None
    csv: Path | None
    picture: Path | None
    overwrite: bool
    summary: Path | None = None

    @classmethod
    def of(
        cls,
        json: Path | None,
        csv: Path | None,
        plot: Path | None,
        overwrite: bool,
        summary: Path | None = None,
    ) -> Outputs:
        """Checked before any work is done; a plot without a suffix is a folder."""
        from volseg.io.atomic import check_target, make_folder
        from volseg.io.folders import SCORES

        if plot is not None and (plot.is_dir() or not plot.suffix):
            make_folder(plot)
            plot = plot / SCORES
        elif plot is not None:
            from volseg.view.pictures.picture import check_picture

            check_picture(plot)
        named = {"--json": json, "--csv": csv, "--plot": plot, "--summary": summary}
        takers: dict[Path, str] = {}
        for option, path in named.items():
            if path is not None:
                check_target(path, overwrite=overwrite)
                first = takers.setdefault(path.resolve(), option)
                if first != option:
                    raise InputError(f"{first} and {option} name the same file", path=path)
        return cls(json, csv, plot, overwrite, summary)

    def write_json(self, values: dict[str, Any], failed: Sequence[InputError]) -> None:
        """All figures, and what could not be compared and why, where wanted."""
        import json

        reasons = {"failed": [str(error) for error in failed]} if failed else {}
        if self.json is not None:
            self._write(self.json, json.dumps(values | reasons, indent=2))

    def write_csv(self, text: str) -> None:
        """A table, where wanted."""
        if self.csv is not None:
            self._write(self.csv, text)

    def write_summary(self, text: str) -> None:
        """A table of means, where wanted."""
        if self.summary is not None:
            self._write(self.summary, text)

    def write_picture(self, image: Image.Image) -> None:
        """The plot, where wanted."""
        from volseg.view.pictures.picture import save

        if self.picture is not None:
            save(image, self.picture, self.overwrite)

    def _write(self, path: Path, text: str) -> None:
        from volseg.io.atomic import replacing

        with replacing(path, overwrite=self.overwrite) as file:
            file.write(text.encode())
