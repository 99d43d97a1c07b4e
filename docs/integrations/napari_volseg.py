"""Segment the selected image of a napari viewer, in napari's console (``pip install volseg``).

    import sys; sys.path.append("docs/integrations")
    from napari_volseg import segment_layer  # or paste this file into the console
    segment_layer(viewer, "runs/mri")

A layer of three axes is taken as (slices, rows, columns) that run to the patient's head, back and
left, as readers of DICOM and of SimpleITK give it; one of two axes is a picture.
"""

import numpy as np

import volseg as vs


def segment_layer(viewer, model, layer=None):
    """Add a layer of labels on the grid of an image layer, with names and colours of classes.

    Args:
        viewer: napari's viewer.
        model: a run folder, a model file, or a loaded model.
        layer: the image; the selected one if not given.

    Returns:
        The layer of labels.
    """
    layer = viewer.layers.selection.active if layer is None else layer
    model = vs.load(model) if isinstance(model, str) else model
    data = np.asarray(layer.data)
    if data.ndim == 3 and data.shape[-1] not in (3, 4):
        z, y, x = np.abs(layer.scale)
        labels = model(data.T, affine=np.diag((-x, -y, z, 1.0))).T
    elif data.ndim == 3:  # a picture in colours, and perhaps how opaque it is
        labels = model(np.moveaxis(data[..., :3], -1, 0)[..., None])[..., 0]
    else:
        labels = model(data)
    made = viewer.add_labels(
        labels.astype(np.int32), name=f"{layer.name} labels", scale=layer.scale[: labels.ndim]
    )
    made.features = {
        "index": [0, *(entry.ids[0] for entry in model.labels.classes)],
        "name": ["", *model.labels.names],
    }
    return made
