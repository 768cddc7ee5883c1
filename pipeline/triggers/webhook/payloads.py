"""The push events of each service as values; only the documented fields that a trigger needs are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

ANY_HOST = "*"
"""In place of the host in a URL that has none."""
_HEADS = "refs/heads/"

Commit = Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
Name = Annotated[str, Field(max_length=1000)]


@dataclass(frozen=True)
class RefUpdate:
    """A ref that moved. `after` is empty if it was deleted, `before` if it is new."""

    ref: str
    before: str
    after: str

    @property
    def branch(self) -> str:
        """The branch; empty if the ref is a tag or anything else."""
        return self.ref.removeprefix(_HEADS) if self.ref.startswith(_HEADS) else ""


@dataclass(frozen=True)
class Push:
    """What a delivery says: who moved which refs of the repository that these URLs name."""

    urls: tuple[str, ...]
    by: str
    moves: tuple[RefUpdate, ...]


class _Payload(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Person(_Payload):
    name: Name | None = None
    login: Name | None = None
    username: Name | None = None
    nickname: Name | None = None
    display_name: Name | None = None

    @property
    def called(self) -> str:
        """The short name of the account, or the person's."""
        return self.login or self.username or self.nickname or self.name or self.display_name or ""


class _Repository(_Payload):
    clone_url: Name | None = None
    ssh_url: Name | None = None
    git_url: Name | None = None
    html_url: Name | None = None


class GitHubPush(_Payload):
    """GitHub's push event; Gitea, Forgejo and Gogs send the same fields."""

    ref: Name
    before: Commit
    after: Commit
    repository: _Repository
    pusher: _Person = _Person()
    sender: _Person | None = None

    def push(self) -> Push:
        repository = self.repository
        urls = (repository.clone_url, repository.ssh_url, repository.git_url, repository.html_url)
        by = (self.sender.called if self.sender else "") or self.pusher.called
        return Push(_nonempty(*urls), by, (_move(self.ref, self.before, self.after),))


class _GitLabProject(_Payload):
    git_http_url: Name | None = None
    git_ssh_url: Name | None = None
    web_url: Name | None = None


class GitLabPush(_Payload):
    """GitLab's push event."""

    ref: Name
    before: Commit
    after: Commit
    project: _GitLabProject
    user_username: Name | None = None
    user_name: Name | None = None

    def push(self) -> Push:
        urls = (self.project.git_http_url, self.project.git_ssh_url, self.project.web_url)
        by = self.user_username or self.user_name or ""
        return Push(_nonempty(*urls), by, (_move(self.ref, self.before, self.after),))


class _Target(_Payload):
    hash: Commit


class _CloudRef(_Payload):
    type: Name
    name: Name
    target: _Target


class _CloudChange(_Payload):
    old: _CloudRef | None = None
    new: _CloudRef | None = None

    def move(self) -> RefUpdate:
        ref = self.new or self.old
        kind = _HEADS if ref and ref.type in {"branch", "named_branch"} else "refs/tags/"
        before, after = (side.target.hash if side else "" for side in (self.old, self.new))
        return RefUpdate(f"{kind}{ref.name if ref else ''}", before, after)


class _CloudChanges(_Payload):
    changes: tuple[_CloudChange, ...]


class _CloudRepository(_Payload):
    links: Mapping[str, Any] = {}


class BitbucketPush(_Payload):
    """The event `repo:push` of Bitbucket Cloud."""

    push_: _CloudChanges = Field(alias="push")
    repository: _CloudRepository
    actor: _Person = _Person()

    def push(self) -> Push:
        moves = tuple(change.move() for change in self.push_.changes)
        return Push(_links(self.repository.links), self.actor.called, moves)


class _ServerRef(_Payload):
    id: Name


class _ServerChange(_Payload):
    ref: _ServerRef
    from_hash: Commit = Field(alias="fromHash")
    to_hash: Commit = Field(alias="toHash")


class _ServerProject(_Payload):
    key: Name


class _ServerRepository(_CloudRepository):
    slug: Name
    project: _ServerProject


class BitbucketServerPush(_Payload):
    """The event `repo:refs_changed` of Bitbucket Data Center, which may name no URL of the repository."""

    changes: tuple[_ServerChange, ...]
    repository: _ServerRepository
    actor: _Person = _Person()

    def push(self) -> Push:
        moves = tuple(_move(change.ref.id, change.from_hash, change.to_hash) for change in self.changes)
        repository = self.repository
        path = f"{ANY_HOST}/{repository.project.key}/{repository.slug}"
        return Push((*_links(repository.links), path), self.actor.called, moves)


def _move(ref: str, before: str, after: str) -> RefUpdate:
    """A move whose ids are empty instead of zeros."""
    return RefUpdate(ref, *(commit if commit.strip("0") else "" for commit in (before, after)))


def _nonempty(*urls: str | None) -> tuple[str, ...]:
    return tuple(url for url in urls if url)


def _links(links: Mapping[str, Any]) -> tuple[str, ...]:
    """The URLs of Bitbucket's links, each of which is one `{"href": …}` or a list of them."""
    lists = (value if isinstance(value, list) else [value] for value in links.values())
    hrefs = [link.get("href") for items in lists for link in items if isinstance(link, dict)]
    return tuple(href for href in hrefs if isinstance(href, str))
