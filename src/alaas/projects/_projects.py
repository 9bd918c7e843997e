"""The projects of a store, as a server holds them."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Mapping

from alaas.config import Config
from alaas.encoders import open_encoder
from alaas.errors import ConflictError, ProjectConflictError
from alaas.learners import build as build_learner
from alaas.projects._choosing import check_strategy
from alaas.projects._definition import FIXED, configure, define, differing, said_of
from alaas.projects._offering import check_stream
from alaas.projects._project import Project
from alaas.selecting import Selector
from alaas.stores import ProjectRow, Store
from alaas.strategies import build
from alaas.types import JSON, ModalityName

_MOMENT = 0.2
"""Seconds for which a project's definition is not looked at again: every told label would."""


class Projects:
    """Opens projects by name and keeps them open. Safe to use from several threads.

    Args:
        config: the process's configuration; gives what a project's definition does not say.
        store: where the projects are.
        trusted: whether a project's source may be anything that this process can read. If not, only what
            ``egress`` opens, and the process's own source.
    """

    def __init__(self, config: Config, store: Store, *, trusted: bool = False) -> None:
        self.config, self.store = config, store
        self._trusted = trusted
        self._open: dict[str, tuple[int, Project]] = {}
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def create(self, definition: Mapping[str, JSON], *, actor: str, key: str | None = None) -> Project:
        """Begin a project; its items are added afterwards, with ``Project.add``.

        What is left out, or None, is as the process's configuration has it.

        Args:
            definition: the keys of the configuration that make a project.
            actor: who makes it.
            key: an idempotency key: making the same project again with the same key gives the project.

        Raises:
            ConfigError: a key is unknown or malformed, or names what is not there.
            ProjectConflictError: the name is taken.
        """
        config = self._checked(definition)
        made = None if key is None else _fingerprint(key, definition)
        try:
            self.store.create_project(config.name, define(config), actor=actor, key=made)
        except ProjectConflictError:
            if made is None or made != self._made_with(config.name):
                raise
        return self.open(config.name)

    def open(self, name: str) -> Project:
        """The project as its definition now is, or was a moment ago if another process has just changed it.

        Raises:
            ProjectNotFoundError: there is none of that name.
        """
        known = self.at_hand(name)
        if known is not None:
            return known
        row = self.store.project(name)
        with self._lock:
            self._seen[name] = time.monotonic()
            version, project = self._open.get(name, (0, None))
            if project is None or version != row.version:
                # The one that was open goes on with what it has begun; its files go with its last user.
                project = self._make(row)
                self._open[name] = (row.version, project)
            return project

    def at_hand(self, name: str) -> Project | None:
        """The project, if it was looked at a moment ago: without a look at the store, and so at once."""
        with self._lock:
            if time.monotonic() - self._seen.get(name, -_MOMENT) < _MOMENT:
                return self._open[name][1]
            return None

    def change(self, name: str, changes: Mapping[str, JSON], *, version: int, actor: str) -> ProjectRow:
        """Change keys of a project's definition; what is left out stays, None goes back to the default.

        Raises:
            ConfigError: a key is unknown or malformed.
            ConflictError: a key that cannot change.
            VersionError: the project is not at ``version`` any more.
        """
        row = self.store.project(name)
        old = json.loads(row.definition)
        config = self._checked({**old, **changes})
        fixed = [key for key in differing(row.definition, define(config)) if key in (*FIXED, "name")]
        if fixed:
            raise ConflictError(
                f"the {fixed[0]} of project {name!r} cannot change; make another project, or add items to it"
            )
        changed = self.store.change_project(name, define(config), version=version, actor=actor)
        with self._lock:
            self._seen.pop(name, None)
        return changed

    def delete(self, name: str, *, actor: str) -> None:
        """Delete a project with its items, labels and rounds.

        Raises:
            ProjectNotFoundError: there is none of that name.
        """
        self.store.delete_project(name, actor=actor)
        with self._lock:
            self._seen.pop(name, None)
            _, project = self._open.pop(name, (0, None))
        if project is not None:
            project.close()

    def close(self) -> None:
        """Let go of every project; they stay in the store."""
        with self._lock:
            opened = [project for _, project in self._open.values()]
            self._open.clear()
            self._seen.clear()
        for project in opened:
            project.close()

    def _made_with(self, name: str) -> JSON:
        """The key that the log has for the project's making; None if there is none."""
        found, after = None, 0
        while page := self.store.log(name, after=after):
            lines = [line for line in page if line.verb == "project.create"]
            if lines:  # the last counts: the log outlives a project that was deleted
                found = json.loads(lines[-1].detail).get("key")
            after = page[-1].sequence
        return found

    def _defaults(self, modality: JSON) -> dict[str, JSON]:
        """What the process's configuration says of the keys of a project, but for name and source.

        A model that takes other items than the project has is no default for it.
        """
        keys = {"strategy", "learner", "labelling", "stream"}
        if modality is None or self.config.model.name is None or self._takes() == modality:
            keys.add("model")
        return said_of(self.config, keys)

    def _takes(self) -> ModalityName:
        """What the process's own model takes."""
        return open_encoder(self.config.model, modality=None, limits=self.config.limits).modality.name

    def _checked(self, definition: Mapping[str, JSON]) -> Config:
        said = {key: value for key, value in definition.items() if value is not None}
        config = configure({**self._defaults(said.get("modality")), **said}, self.config)
        check_strategy(build(config.strategy.name, config.strategy.parameters), config.task.kind)
        build_learner(config.learner.name, config.learner.parameters)
        check_stream(config)
        return config

    def _make(self, row: ProjectRow) -> Project:
        config = configure(row.definition, self.config)
        own = self.config.source
        # Its source is opened like any other that a client names, unless it is the process's own.
        reading = (
            config if self._trusted or config.source == own else config.model_copy(update={"source": own})
        )
        selector = Selector(reading, trusted=self._trusted)
        return Project(config, self.store, selector, own=(selector,))


def _fingerprint(key: str, definition: Mapping[str, JSON]) -> str:
    """Of an idempotency key with the request that it came with."""
    said = json.dumps([key, dict(definition)], sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
