"""A project: what it is made from, and how it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue

from alaas.protocol._base import Page, Reply, Request, named
from alaas.protocol._items import Located
from alaas.protocol._rounds import RoundBody
from alaas.protocol._selection import StrategyChoice
from alaas.protocol._streams import StreamBody
from alaas.types import ModalityName

ProjectName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
"""A name that may stand in an address as it is."""


class TaskBody(Request):
    """What annotators are asked; the keys of ``task`` in the configuration file."""

    kind: Literal["multi-class", "multi-label"] = "multi-class"
    classes: list[str] = Field(
        default_factory=list, description="The classes that may be given; empty: any, and new ones may come."
    )
    instructions: str = ""


class LearnerChoice(Request):
    """A learner by name, with parameters of its own."""

    name: str = Field("linear", description="The name of a learner that the server has.")
    parameters: dict[str, JsonValue] = Field(default_factory=dict)


class LabellingBody(Request):
    """How people work together; the keys of ``labelling`` in the configuration file."""

    annotators: int = Field(1, ge=1, le=100, strict=True, description="Annotators who answer each item.")
    decide: Literal["unanimous", "majority"] = "unanimous"
    lease: float = Field(3600.0, gt=0, le=30 * 86400, description="Seconds that a batch is held.")
    audit: float = Field(
        0.0, ge=0, le=0.5, description="Share of each batch that is drawn at random to measure the learner."
    )


class ProjectChange(Request):
    """What to change of a project; what is left out stays, and null goes back to the default."""

    modality: ModalityName | None = None
    source: Located = Field(None, description="Where its items come from, as the server sees it.")
    model: str | None = Field(None, description="A name from `GET /v1/models`; by default the server's.")
    strategy: Annotated[StrategyChoice | None, BeforeValidator(named, str | StrategyChoice | None)] = Field(
        None, description="A name, or a name with parameters; by default the server's."
    )
    budget: int | None = Field(None, ge=1, strict=True, description="Labels that may be asked for in all.")
    seed: int | None = Field(None, ge=0, strict=True)
    task: TaskBody | None = None
    learner: Annotated[LearnerChoice | None, BeforeValidator(named, str | LearnerChoice | None)] = None
    labelling: LabellingBody | None = None
    stream: StreamBody | None = Field(None, description="How a stream of items is sampled.")
    validation: Located = Field(
        None, description="Items whose labels are known and that measure the learner."
    )


class ProjectDefinition(ProjectChange):
    """What a project is made from: these keys of the configuration file."""

    name: ProjectName


class ProjectBody(Reply):
    """A project. ``version`` goes up with every change of its definition; it is the ``ETag``, too.

    ``imports`` are the jobs that read its sources; they are named when it is made, and not again.
    """

    name: str
    version: int
    created: datetime
    changed: datetime
    definition: dict[str, JsonValue]
    imports: list[str] = Field(default_factory=list)


class ProjectPage(Page):
    """Projects in the order of their names."""

    projects: list[ProjectBody]


class StatusBody(Reply):
    """A project at one moment.

    ``labels`` counts items that have their label, ``remaining`` what the budget leaves (null without one),
    ``pool`` what may still be handed out, ``held`` what somebody has under a live lease, ``behind`` the
    answers since the last retraining, ``agreement`` is Krippendorff's alpha.
    """

    name: str
    labels: int
    budget: int | None
    remaining: int | None
    pool: int
    held: int
    items: int
    states: dict[str, int]
    validation: int
    batches: int
    cost: float
    balance: dict[str, int]
    agreement: float | None
    behind: int
    round: RoundBody | None


class LogBody(Reply):
    """One thing that happened in a project; what `subject` and `detail` are depends on `verb`."""

    sequence: int
    at: datetime
    actor: str
    verb: str
    subject: str
    detail: JsonValue
