"""What Docker prints while it builds, as an error shows it."""

from pipeline.images import docker


def test_colours_of_a_failing_step_are_left_out():
    log = docker._Log(lambda _: None)
    log.add("Step 2/3 : RUN nginx -t\n")
    log.add("\x1b[91mnginx: [emerg] unknown directive\n\x1b[0m\x1b[2K")
    error = docker._build_error("app", log, "\x1b[0mthe command returned 1\x1b[?25h")
    assert error.message == (
        "cannot build app: step 2/3 RUN nginx -t failed: the command returned 1\n"
        "    nginx: [emerg] unknown directive"
    )
