"""`tandem compare start`: from "task wanted" to "serves", and from one task to four.

`trial` measures one layout on content of one size. `images` builds its images, and `cold_images` copies them
so that no image store has a layer. `service` starts tasks of them in a small stack
(`pipeline.local.small_stack`), `load` asks meanwhile, and `phases` divides the seconds. `figures` names what
is measured, `plans` how often. `summary`, `losses` and `table` say what was found, `fargate` estimates what a
pull adds there.
"""
