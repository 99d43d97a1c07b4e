"""Every row by its name, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.benchmarks.row import Row, on_one_core
from tests.benchmarks.rows import dense, files, points, scores, sparse, volumes
from tests.benchmarks.scenes import SCANS

CORES: dict[str, Callable[[Callable[[], Row]], Callable[[], Row]]] = {
    "one": on_one_core,
    "all": lambda make: make,
}

SECTIONS: dict[str, dict[str, Callable[[], Row]]] = {
    "Points and files": {
        "voxelize-open3d": points.BesideOpen3DTensor,
        "voxelize-open3d-grid": points.BesideOpen3DGrid,
        "voxelize-open3d-trace": points.BesideOpen3DTrace,
        "voxelize-numpy": points.BesideNumpy,
        "voxelize-hash": points.BesideHash,
        **{
            f"voxelize-{peer}-{scene}-{order}-{cores}": around(
                partial(beside, scene, shuffled=order == "shuffled")
            )
            for peer, beside in points.BESIDE.items()
            for scene in SCANS
            for order in ("filed", "shuffled")
            for cores, around in CORES.items()
        },
        "files-laz": files.airborne_laz,
        "files-las": files.street_las,
        "files-laz-mobile": files.mobile_laz,
        "files-laz-one": on_one_core(files.airborne_laz),
        "files-laz-mobile-one": on_one_core(files.mobile_laz),
    },
    "Sparse networks": {
        **{
            f"conv-{scene}-{channels}{'-bf16' if half else ''}": partial(
                sparse.Submanifold, scene, channels, half=half
            )
            for half in (False, True)
            for scene in sparse.SCENES
            for channels in (32, 96)
        },
        **{
            f"conv-{scene}-32-one": on_one_core(partial(sparse.Submanifold, scene, 32))
            for scene in sparse.SCENES
        },
        "kernel-map": sparse.KernelMap,
        **{
            f"kernel-map-{scene}-{cores}": around(partial(sparse.KernelMap, scene))
            for scene in sparse.SCENES
            for cores, around in CORES.items()
        },
        **{
            f"conv-step-{scene}": partial(sparse.SubmanifoldStep, scene, 32)
            for scene in sparse.SCENES
        },
        "unet-step-street": partial(sparse.UNetStep, "street"),
    },
    "Dense networks and volumes": {
        "step-monai": partial(dense.BesideMonai, half=True),
        "step-monai-float32": partial(dense.BesideMonai, half=False),
        "step-nnunet": partial(dense.BesideNnunet, half=True),
        "sliding-monai": partial(volumes.SlidingNet, "float32"),
        "sliding-monai-bf16": partial(volumes.SlidingNet, "bfloat16"),
        "sliding-torchio": volumes.SlidingAlone,
        "predict-nnunet": volumes.FileToFile,
        "predict-nnunet-one": on_one_core(volumes.FileToFile),
        "predict-nnunet-bf16": partial(volumes.FileToFile, half=True),
    },
    "Losses and scores": {
        "focal-loss": scores.Focal,
        "confusion": scores.Scores,
    },
}

ROWS = {name: row for rows in SECTIONS.values() for name, row in rows.items()}
