"""The page: figures, plots and sections in one file that needs no other.

It runs its own scripts only: all text from files is escaped, and a content security policy in the
page names the hashes of its scripts and allows no other, from nowhere.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from volseg._version import __version__
from volseg.metrics.means import score_text
from volseg.report.charts.calibration import reliability_chart
from volseg.report.charts.curves import curve_charts
from volseg.report.charts.map import map_chart
from volseg.report.charts.matrix import matrix_chart
from volseg.report.objects import MEANINGS
from volseg.report.results import Results
from volseg.report.section import Asset, CaseSection, asset, data_uri, render
from volseg.view.charts.history import History
from volseg.view.object_colours import ERROR_COLOURS

MISTAKES = 10


@dataclass(frozen=True)
class Subject:
    """What a report is about.

    Attributes:
        what: what made the predictions: a run, or a folder of them.
        data: what they are held against.
        notes: what the reader should know besides.
        curves: of the training runs behind it.
        how_sure: how to make predictions that tell their confidence.
    """

    what: str
    data: str
    notes: tuple[str, ...] = ()
    curves: tuple[History, ...] = ()
    how_sure: str = ""


def build_page(subject: Subject, results: Results, sections: Sequence[CaseSection]) -> bytes:
    """A report as HTML in UTF-8.

    Args:
        subject: what it is about.
        results: all figures.
        sections: what is drawn, the worst first.
    """
    assets = _assets(sections)
    scripts = [asset_.text for asset_ in assets if asset_.kind == "script"]
    of_classes = {one.name: one.colour for one in results.classes}
    page = render(
        "report.html",
        subject=subject,
        results=results,
        sections=sections,
        drawn={section.anchor for section in sections},
        mistakes=results.mistakes(MISTAKES),
        supports={one.name: one.support for one in results.classes},
        matrix=matrix_chart(results),
        reliability=reliability_chart(results.reliability) if results.reliability else None,
        curves=curve_charts(subject.curves, of_classes) if subject.curves else [],
        map=map_chart(results.cases),
        styles=[Markup(one.text) for one in assets if one.kind == "style"],
        scripts=[Markup(_closed(text)) for text in scripts],
        policy=_policy([_closed(text) for text in scripts]),
        fraction=score_text,
        kinds=MEANINGS,
        colours=ERROR_COLOURS,
        uri=data_uri,
        version=__version__,
        made=f"{datetime.now():%Y-%m-%d %H:%M}",
    )
    return page.encode()


def _assets(sections: Sequence[CaseSection]) -> list[Asset]:
    """All scripts and styles, each once: plotly, the page's own, then those of the sections."""
    from plotly.offline import get_plotlyjs

    plotly = Asset("plotly.js", "script", get_plotlyjs())
    wanted = [asset("report.css"), plotly, asset("report.js")]
    wanted += [item for section in sections for item in section.assets]
    return list({one.name: one for one in wanted}.values())


def _closed(script: str) -> str:
    """A script that cannot end its element: a browser looks for the end even within strings."""
    return "\n" + script.replace("</script", "<\\/script") + "\n"


def _policy(scripts: Sequence[str]) -> str:
    """A content security policy: these scripts, and nothing from anywhere else."""
    hashes = (base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts)
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
