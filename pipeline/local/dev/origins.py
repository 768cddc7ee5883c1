"""Where a dev site's files come from: for each source a work tree, or the head of its branch."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.values import Commit, Source
from pipeline.git import sources
from pipeline.git.address import is_url
from pipeline.git.object_store import ObjectStore
from pipeline.git.work_tree import WorkTree


@dataclass(frozen=True)
class Origins:
    """The work trees of some sources; the others have the head of their branch, read once.

    `project` reads snapshots where a source has a work tree, so that its builds read them as commits.
    """

    project: Project
    trees: Mapping[Source, WorkTree]
    heads: Mapping[Source, Commit]

    @property
    def served(self) -> list[Source]:
        """The sources of the site, in the order of the settings."""
        site_sources = {*self.trees, *self.heads}
        return [source for source in self.project.settings.active_sources if source in site_sources]

    @classmethod
    def open(
        cls,
        project: Project,
        folders: Mapping[Source, Path],
        places: Path,
        served: Collection[Source] = tuple(Source),
    ) -> "Origins":
        """The origins of the sources that are `served`; `places` is a folder for snapshots.

        Raises:
            TandemError: a folder is not there, or the head of a source without a folder cannot be read.
        """
        site_sources = [source for source in project.settings.active_sources if source in served]
        all_folders = {**default_folders(project), **folders}
        trees = {
            source: WorkTree(
                _existing(source, folder),
                places / f"{source}.git",
                source,
                project.settings.sources[source].path,
            )
            for source, folder in all_folders.items()
            if source in site_sources
        }
        others = [source for source in site_sources if source not in trees]
        heads = {source: sources.head(project, source) for source in others}
        return cls(_reading(project, trees), trees, heads)

    def commit(self, source: Source) -> Commit:
        """The files of a source as they are now, as a commit; raises TandemError as reading them does."""
        tree = self.trees.get(source)
        return tree.snapshot() if tree else self.heads[source]

    def tree(self, commit: Commit) -> tuple[ObjectStore, str]:
        """The id of the tree that an image is built from, and the store that has it.

        Raises:
            TandemError: the commit has no folder `path`.
        """
        store = sources.fetch(self.project, commit.source, commit.id)
        return store, store.tree_of(commit.id, self.project.settings.sources[commit.source].path)

    def title(self, source: Source) -> str:
        """Where the files come from, for people."""
        tree = self.trees.get(source)
        if tree:
            return f"work tree {tree.folder}"
        head = self.heads[source]
        return f"commit {head.short} {head.subject}"


def default_folders(project: Project) -> dict[Source, Path]:
    """The sources whose repository in tandem.toml is a folder with files on this machine."""
    folders = {}
    for source in project.settings.active_sources:
        repository = project.settings.sources[source].repository
        path = project.root / Path(repository).expanduser()
        if not is_url(repository) and path.is_dir() and not _is_bare(path):
            folders[source] = path
    return folders


def _is_bare(path: Path) -> bool:
    return not (path / ".git").exists() and (path / "HEAD").is_file() and (path / "objects").is_dir()


def _existing(source: Source, folder: Path) -> Path:
    if not folder.is_dir() or _is_bare(folder):
        raise TandemError(
            f"source {source} has no work tree {folder}: it is no folder with the source's files",
            hint=f"name another folder, or serve the head of its branch, without --{source}: `tandem dev`",
        )
    return folder.resolve()


def _reading(project: Project, trees: Mapping[Source, WorkTree]) -> Project:
    """The project whose sources with a work tree are read from its snapshots."""
    source_settings = {
        source.value: project.settings.sources[source].model_copy(update={"repository": str(tree.place)})
        for source, tree in trees.items()
    }
    changed = project.settings.sources.model_copy(update=source_settings)
    return replace(project, settings=project.settings.model_copy(update={"sources": changed}))
