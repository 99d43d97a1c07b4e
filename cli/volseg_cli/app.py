"""The ``volseg`` command: wires the commands, turns errors into one line and an exit code."""

from __future__ import annotations

import os
import warnings
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from volseg._version import __version__
from volseg.errors import DisplayError, InputError, VolsegError
from volseg_cli import console
from volseg_cli.check import check
from volseg_cli.clean import clean
from volseg_cli.convert import convert
from volseg_cli.demo import demo
from volseg_cli.evaluate import evaluate
from volseg_cli.generate import generate
from volseg_cli.ground import dtm, ground
from volseg_cli.index import index
from volseg_cli.info import info
from volseg_cli.models import models
from volseg_cli.plan import plan
from volseg_cli.predict import predict
from volseg_cli.relabel import labels
from volseg_cli.report import report
from volseg_cli.train import train
from volseg_cli.view import view
from volseg_cli.voxelize import voxelize

BAD_INPUT = 2
OUR_FAILURE = 1
INTERRUPTED = 130


class OneLineErrors(TyperGroup):
    """Runs a command; what goes wrong is one line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Exit 2 for bad input or no display, 1 for a failure of ours, 130 for Ctrl-C."""
        try:
            with warnings.catch_warnings():
                if not ctx.params.get("debug"):  # they speak to developers
                    warnings.simplefilter("ignore")
                with console.remarks():
                    return super().invoke(ctx)
        except KeyboardInterrupt:
            console.fail("interrupted; files already written are whole")
            raise typer.Exit(INTERRUPTED) from None
        except (typer.Exit, typer.Abort, BrokenPipeError):
            # Typer ends quietly where whoever reads our output, such as head, has had enough.
            raise
        except Exception as error:
            # Typer's own errors know their exit code and how they are shown.
            if ctx.params.get("debug") or hasattr(error, "exit_code"):
                raise
            console.fail(_one_line(error))
            bad_input = isinstance(error, InputError | DisplayError)
            raise typer.Exit(BAD_INPUT if bad_input else OUR_FAILURE) from None


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, VolsegError):
        return text
    return f"{type(error).__name__}: {text} (a failure of volseg's; --debug shows where)"


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"volseg {__version__}")
        raise typer.Exit


app = typer.Typer(
    name="volseg",
    cls=OneLineErrors,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show warnings, and the traceback of an error.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Segment point clouds and volumes: a class for every point or voxel, from file to file.

    Try `volseg demo`, then `volseg COMMAND --help`.
    """
    # torch's threads spin while they wait for each other; on a machine that does other work too,
    # long spinning costs most of the speed, short spinning nothing.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")


for command in (
    info, convert, check, plan, voxelize, generate, train, predict, evaluate, report, view, models,
    ground, dtm, clean, labels, index, demo,
):  # fmt: skip
    app.command()(command)
