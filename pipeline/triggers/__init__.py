"""What starts a release: git hooks, webhooks and schedules, through a queue on disk.

A trigger says that something moved. It is stored durably, and then a release reads all heads itself, under
the lock: lost, doubled, late and reordered triggers do no harm. Triggers that come while a release runs are
merged into the next one. The room may import `deploy` and all rooms below it.
"""
