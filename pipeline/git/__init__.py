"""One reader of git for all sources.

`sources` finds the repository of each source, resolves its head (`heads`: all three) and writes a commit's
tree to disk. `objects` reads commits, trees and blobs of a repository on this machine, `remote` of one
behind a URL; `blobs` streams what they read. Every file passes `validation` before it reaches a disk or an
image. `command` runs git. The room imports `core` only; ids, `Commit` and streams leave it.
"""
