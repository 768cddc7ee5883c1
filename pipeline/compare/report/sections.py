"""The sections of the report about experiments, in their order."""

from collections.abc import Callable
from typing import Any

from pipeline.compare.experiment import Experiment
from pipeline.compare.experiment_results import MeasuredExperiment
from pipeline.compare.report import serving, start
from pipeline.compare.report.report_content import ReportContent
from pipeline.compare.report.section import Section
from pipeline.compare.serving.figures import SERVING
from pipeline.compare.start.figures import START

Make = Callable[[MeasuredExperiment], Section]
_MAKERS: tuple[tuple[Experiment, Make], ...] = ((SERVING, serving.section), (START, start.section))


def sections(content: ReportContent) -> list[Section]:
    """A section for each experiment that was measured."""
    return [make(measured) for kind, make in _MAKERS if (measured := content.experiments.get(kind.name))]


def experiments_json(content: ReportContent) -> dict[str, Any]:
    """Every experiment that was measured, by name."""
    return {
        kind.name: measured.to_json(kind) | _more(measured)
        for kind, _ in _MAKERS
        if (measured := content.experiments.get(kind.name))
    }


def _more(measured: MeasuredExperiment) -> dict[str, Any]:
    """What an experiment says besides its figures."""
    return start.estimate_json(measured) if measured.started.experiment == START.name else {}
