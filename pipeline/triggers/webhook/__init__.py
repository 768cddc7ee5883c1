"""Push events of GitHub, GitLab, Gitea and Bitbucket over HTTP, into the queue on disk.

`services` and `payloads` decide (pure), `app` answers requests, `worker` releases what waits.
"""
