"""What receivers of webhooks are told at the end of jobs."""

from __future__ import annotations

from alaas.errors import ProjectNotFoundError
from alaas.jobs import Job
from alaas.projects import Projects
from alaas.server.job_access import project_of
from alaas.stores import Store
from alaas.webhooks import JobFinished, ProjectFinished, Webhooks


def tell_end(webhooks: Webhooks, projects: Projects, job: Job) -> None:
    """Tell that a job has ended, and that its project has what it wanted if a retraining shows it."""
    project = project_of(job)
    webhooks.emit(
        JobFinished(
            project=project,
            job=job.id,
            work=job.kind,
            state=job.state,
            failure=None if job.failure is None else job.failure.code,
        )
    )
    if job.kind == "retrain" and job.state == "succeeded" and project is not None:
        try:
            finished = finished_now(projects, project)
        except ProjectNotFoundError:  # deleted since
            return
        if finished is not None:
            webhooks.emit(finished)


def finished_now(projects: Projects, name: str) -> ProjectFinished | None:
    """The end of a project, if it has come and was not told yet.

    It has come when the budget is spent and told, or when the pool has nothing left. A project that was
    changed or got more items may come to its end again.
    """
    store = projects.store
    counts, budget = store.counts(name), projects.open(name).config.budget
    spent = sum(counts.states.get(state, 0) for state in ("labelled", "partial", "conflict"))
    left = sum(counts.states.get(state, 0) for state in ("new", "pool", "partial"))
    if counts.held or counts.items == counts.validation or _told(store, name):
        return None
    if budget is not None and spent >= budget:
        return ProjectFinished(project=name, reason="budget", labels=counts.states.get("labelled", 0))
    if left == 0:
        return ProjectFinished(project=name, reason="exhausted", labels=counts.states.get("labelled", 0))
    return None


def _told(store: Store, project: str) -> bool:
    told, after = False, 0
    while page := store.log(project, after=after):
        for entry in page:
            if entry.verb == ProjectFinished.kind:
                told = True
            elif entry.verb in ("project.create", "project.change", "items.add"):
                told = False
        after = page[-1].sequence
    return told
