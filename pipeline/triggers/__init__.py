"""What starts a release: the post-receive hook of a local repository, which runs `tandem trigger`.

A trigger carries no commit, only the source's name: the release reads all heads itself, under the lock.
`tandem up` installs the hook; elsewhere the CI of a source calls the command. The room may import `git` and
`core`.
"""
