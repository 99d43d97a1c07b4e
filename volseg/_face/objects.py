"""Objects of predictions against the truth: scans by points, volumes by cases."""

from __future__ import annotations

from collections.abc import Sequence

from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.evaluate.objects import ObjectEvaluation
from volseg.evaluate.scans import objects as of_scans
from volseg.evaluate.scans.pairs import ScanPairs
from volseg.evaluate.volumes import objects as of_volumes
from volseg.evaluate.volumes.pairs import VolumePairs
from volseg.geometry import LabelMap
from volseg.metrics.matching import PLAIN, Rules
from volseg.progress import SILENT, Progress


def evaluate_objects(
    pairs: ScanPairs | VolumePairs,
    labels: LabelMap | None,
    *,
    distance: float | None = None,
    truth_ids: ObjectTruth | None = None,
    rules: Rules = PLAIN,
    label_field: str | None = None,
    columns: Sequence[str] | None = None,
    progress: Progress = SILENT,
) -> ObjectEvaluation:
    """`evaluate` for objects; what cannot be used costs its pair alone, and is in ``failed``.

    Raises:
        InputError: if nothing can be compared.
    """
    failed = [*pairs.failed]
    if isinstance(pairs, VolumePairs):
        own = pairs.labels if pairs.labels is not None and pairs.labels.things else None
        found = of_volumes.compare_objects(
            pairs.pairs, labels or own, truth=truth_ids, distance=distance, rules=rules,
            failed=failed.append, progress=progress,
        )  # fmt: skip
    else:
        pairs.check_columns(columns)
        found = of_scans.compare_objects(
            pairs.pairs, labels, distance=distance, rules=rules, label_field=label_field,
            columns=columns, failed=failed.append, progress=progress,
        )  # fmt: skip
    if found is None:
        raise failed[0]
    found.failed, found.alone = tuple(failed), tuple(pairs.alone)
    found.total = len(pairs.pairs) + len(pairs.failed)
    return found
