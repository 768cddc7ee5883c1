"""What starts a release: the post-receive hook of a local repository, which runs `tandem trigger`.

A trigger carries no commit, only the source's name: the release reads all heads itself, under the lock.
The room may import `core`; the local stack installs the hook, and CI calls the command instead.
"""
