"""What a training run shows: what it uses, a bar, a line an epoch with every class's score."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from rich import progress as rich_progress

from volseg.metrics.means import score_text
from volseg.progress import Progress
from volseg_cli import console
from volseg_cli.bar import WithBar
from volseg_cli.epochs import EpochTable

if TYPE_CHECKING:
    from volseg.progress import Epoch, Start, Validation

EASE = 0.1
"""How much the last step counts in the time that steps take."""


class TrainingWatch(WithBar, Progress):
    """Prints a run's start and epochs and keeps a progress bar below them.

    On a terminal epochs are rows of a table; elsewhere each is a line of its own.
    """

    def __init__(self) -> None:
        self.live = console.out.is_terminal
        text = rich_progress.TextColumn
        self.bar = rich_progress.Progress(
            text("{task.description}"),
            rich_progress.BarColumn(bar_width=None),
            text("{task.percentage:>3.0f} %"),
            rich_progress.TimeElapsedColumn(),
            text("left"),
            rich_progress.TimeRemainingColumn(),
            text("{task.fields[pace]}"),
            console=console.out,
            transient=True,
            expand=True,
            disable=not self.live,
        )
        self.task = self.bar.add_task("reading data", total=1.0, pace="")
        self.table = EpochTable(console.out.width)
        self.batch, self.step_seconds, self.stepped = 0, 0.0, 0.0

    def work(self, what: str, done: float, total: float) -> None:
        """Move the bar through work before or after training."""
        share = done / total if total else 0.0
        self.bar.update(self.task, completed=share, description=what, pace="")

    def start(self, start: Start) -> None:
        """Say what is trained on what, with what."""
        from volseg.geometry.labels import percent

        say = self._say
        say(f"{console.machine(start.device, start.processes)}; {start.parameters:,} parameters")
        say(f"{start.folder}: training on {start.cells} of {console.several(start.train)}")
        if start.validation:
            say(f"validating on {console.several(start.validation)}")
        total = max(1, sum(start.counts.values()))
        shares = (f"{name} {percent(count / total)}" for name, count in start.counts.items())
        say("classes: " + ", ".join(shares))
        missing = [name for name, count in start.counts.items() if count == 0]
        if missing:
            say(f"no truth to train on is labelled {', '.join(missing)}")
        if start.pretrained is not None:
            say(f"starting from {start.pretrained}, which knows {', '.join(start.known) or 'none'}")
        if start.resumed_step:
            say(f"resuming after step {start.resumed_step:,}")
        self.bar.reset(self.task, description="training")
        plain = not console.out.encoding.lower().startswith("utf")
        self.table = EpochTable(console.out.width, plain=plain)
        self.batch, self.step_seconds, self.stepped = start.batch, 0.0, 0.0

    def step(self, share: float, loss: float) -> None:
        """Move the bar."""
        if not self.live:
            return
        now = monotonic()
        if self.stepped:  # steps alone: what lies between epochs is validation
            last = now - self.stepped
            self.step_seconds += (EASE if self.step_seconds else 1.0) * (last - self.step_seconds)
        self.stepped = now
        pace = console.memory_used()
        if self.step_seconds:
            pace = f"{self.batch / self.step_seconds:.1f} crops/s  {pace}"
        what = f"training  loss {loss:.3f}"
        self.bar.update(self.task, completed=share, description=what, pace=pace)

    def epoch(self, epoch: Epoch) -> None:
        """One line: loss, mean score, every class's score."""
        self.stepped = 0.0
        if self.live:
            for row in self.table.lines(epoch):
                self.bar.console.print(row)
            return
        line = f"epoch {epoch.number:>3}  loss {epoch.loss:.3f}"
        if epoch.validation is not None:
            line += "  " + _scores(epoch.validation, "*" if epoch.best else " ")
        self._say(line)

    def validated(self, validation: Validation, largest: tuple[str, ...]) -> None:
        """One line: the mean over whole held-out cases, and what is cleaned up from now on."""
        self._say("held-out cases, whole:  " + _scores(validation, ""))
        if largest:
            self._say(f"only the largest component is kept of {console.several(largest)}")

    def note(self, line: str) -> None:
        """One dim line."""
        console.note(line)

    def _say(self, line: str) -> None:
        self.bar.console.print(line, markup=False)


def _scores(validation: Validation, mark: str) -> str:
    each = [f"{name} {score_text(score)}" for name, score in validation.by_class.items()]
    return f"{validation.title} {score_text(validation.mean)}{mark} " + "  ".join(each)
