"""QGIS processing script: segment scans with volseg, from the toolbox.

QGIS: Processing > Toolbox > Scripts > Add Script to Toolbox, and choose this file. volseg may live
in any environment: name its program, and QGIS's own Python needs none of it.
"""

import subprocess
from pathlib import Path

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingException,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterString,
)


def command(program, model, scan, folder, options):
    """The command line that segments a scan, as a list of words."""
    return [program, "predict", model, scan, "-o", folder, *options.split()]


class VolsegPredict(QgsProcessingAlgorithm):
    """A class for every point of a scan, or of all scans of a folder."""

    def name(self):
        return "volsegpredict"

    def displayName(self):  # noqa: N802
        return "Segment scans (volseg)"

    def shortHelpString(self):  # noqa: N802
        return "Writes labelled copies of scans; options are those of `volseg predict --help`."

    def createInstance(self):  # noqa: N802
        return VolsegPredict()

    def initAlgorithm(self, config=None):  # noqa: N802
        self.addParameter(QgsProcessingParameterFile("SCAN", "Scan (LAS, LAZ, ...)"))
        self.addParameter(
            QgsProcessingParameterString("MODEL", "Model, or run folder", defaultValue="aerial")
        )
        self.addParameter(
            QgsProcessingParameterString("OPTIONS", "Options", defaultValue="", optional=True)
        )
        self.addParameter(
            QgsProcessingParameterString("PROGRAM", "volseg's program", defaultValue="volseg")
        )
        self.addParameter(QgsProcessingParameterFolderDestination("OUT", "Labelled copies"))

    def processAlgorithm(self, parameters, context, feedback):  # noqa: N802
        scan = self.parameterAsString(parameters, "SCAN", context)
        out = self.parameterAsString(parameters, "OUT", context)
        words = command(
            self.parameterAsString(parameters, "PROGRAM", context),
            self.parameterAsString(parameters, "MODEL", context),
            scan,
            out,
            self.parameterAsString(parameters, "OPTIONS", context),
        )
        with subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            for line in process.stdout:
                feedback.pushInfo(line.rstrip())
                if feedback.isCanceled():
                    process.terminate()
        if process.returncode:
            raise QgsProcessingException(f"volseg ended with {process.returncode}; see above")
        return {"OUT": out, "SCAN": str(Path(out) / Path(scan).name)}
