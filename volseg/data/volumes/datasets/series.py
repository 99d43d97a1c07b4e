"""Which series of a DICOM study is the image of a case."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from volseg.data.volumes.datasets.cases import ImageCase
from volseg.io.naming import naming
from volseg.io.volumes.dicom import choose_series
from volseg.io.volumes.formats import DICOM, find_volume_format

C = TypeVar("C", bound=ImageCase)


def with_series(case: C, description: str) -> C:
    """A case whose DICOM folders are replaced by a file of the series that is called so.

    Args:
        case: its images may be of any format; others than DICOM stay.
        description: the series' name, or a part of it.

    Raises:
        InputError: if a folder holds no such series, or several.
    """
    images = []
    for image in case.images:
        if find_volume_format(image) is DICOM:
            with naming(image):
                image = choose_series(image, description).files[0]
        images.append(image)
    return replace(case, images=tuple(images))
