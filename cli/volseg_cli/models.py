"""``volseg models``: what comes with the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from volseg_cli import console
from volseg_cli.options import AsJson

if TYPE_CHECKING:
    from volseg.models import Bundled


def models(as_json: AsJson = False) -> None:
    """List the models that come with volseg: what they know, learnt from and score.

    Their names stand for a MODEL in every command. A run folder or a model file of the same
    name in the current folder goes before them.

    Example: `volseg models`
    """
    from volseg.models import bundled_names, load_bundled

    found = [load_bundled(name) for name in bundled_names()]
    if as_json:
        console.say_json([_facts(model) for model in found])
        return
    for model in found:
        _show(model)
    if found:
        console.note(f"use one by its name: volseg predict {found[0].name} SCAN -o OUT")
    else:
        console.note("no model comes with this version of volseg; train one: volseg train --help")


def _facts(model: Bundled) -> dict[str, Any]:
    return {
        "name": model.name,
        "summary": model.card.summary,
        "classes": {one.name: one.ids[0] for one in model.labels.classes},
        "licence": model.card.licence,
        "scores": [{"mean_iou": one.mean, "on": one.on} for one in model.measured],
        "bytes": model.file.stat().st_size,
    }


def _show(model: Bundled) -> None:
    from volseg.metrics.means import score_text

    console.out.print(f"{model.name}: {model.card.summary}")
    rows = {
        "classes": [", ".join(f"{one.name} {one.ids[0]}" for one in model.labels.classes)],
        "range": [str(model.range)] if model.range else [],
        "data": [f"{one.name} ({one.licence})" for one in model.card.data],
        "licence": [model.card.licence],
        "score": [
            f"mean IoU {score_text(one.mean)} on {one.on}" for one in model.measured
        ] or ["not measured"],
        "size": [f"{model.file.stat().st_size / 1e6:.1f} MB"],
    }  # fmt: skip
    for title, lines in rows.items():
        for number, line in enumerate(lines):
            console.out.print(f"  {'' if number else title:<9}{line}")
