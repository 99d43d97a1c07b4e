"""From a dataset to a config: what it is like, and what suits it and the machine."""

from volseg.plan.draft import Machine
from volseg.plan.memory import parse_bytes
from volseg.plan.planner import Plan, make_plan

__all__ = ["Machine", "Plan", "make_plan", "parse_bytes"]
