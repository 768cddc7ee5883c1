"""One reader of git for all sources.

`sources` finds the repository of each source, resolves its head (`heads`: all three) and writes a commit's
tree to disk. `object_store` reads commits, trees and blobs of a repository on this machine, `remote` of one
behind a URL, both through `reader`; `blobs` streams what they read. Every tree passes `trees`, every file
`validation` before it reaches a disk or an image; `checkout` writes them to a disk. `text` makes a commit's
text safe to print. `command` runs git, `address` keeps passwords of URLs apart, `ids` refuses what is no
full id. `work_tree` takes snapshots of files that nobody committed. The room imports `core` only; ids,
`Commit` and streams leave it.
"""
