"""Segment a volume of 3D Slicer by a model of volseg, in Slicer's Python console.

volseg stays in an environment of its own, so that Slicer's Python needs nothing:

    exec(open("docs/integrations/slicer_volseg.py").read())
    segment_node(getNode("CT"), "runs/liver", command=["/home/me/volseg/bin/volseg"])
"""

import subprocess
import tempfile

import slicer


def segment_node(node, model, command=("volseg",), options=()):
    """Segment a volume node; its labels become a segmentation in the same place.

    Args:
        node: the volume, such as ``getNode("CT")``.
        model: a run folder or a model file.
        command: what runs volseg.
        options: more options of ``volseg predict``, such as ``["--tta"]``.

    Returns:
        The segmentation node.
    """
    with tempfile.TemporaryDirectory() as folder:
        image, labels = f"{folder}/image.nii.gz", f"{folder}/labels.nii.gz"
        if not slicer.util.saveNode(node, image):
            raise RuntimeError(f"Slicer could not save {node.GetName()}")
        # Slicer's own environment would have volseg's Python load Slicer's libraries.
        clean = slicer.util.startupEnvironment()
        done = subprocess.run(
            [*command, "predict", str(model), image, "-o", labels, *options],
            env=clean, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        made = slicer.util.loadSegmentation(labels)
    made.SetName(f"{node.GetName()} by volseg")
    return made
