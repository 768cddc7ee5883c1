"""The app container serves as an unprivileged nginx on a read-only root."""

CONTENT = "/srv/static"
PORT = 8080


def _status(host, field):
    lines = host.file("/proc/1/status").content_string.splitlines()
    return next(line.split(":", 1)[1].strip() for line in lines if line.startswith(field + ":"))


def test_the_container_runs(app):
    assert app.status == "running"


def test_the_first_process_is_nginx(host):
    assert "nginx" in host.file("/proc/1/cmdline").content_string


def test_nginx_is_not_root(host):
    uids = _status(host, "Uid").split()
    assert "0" not in uids


def test_nginx_accepts_its_configuration(host):
    checked = host.run("nginx -t")
    assert checked.rc == 0, checked.stderr
    assert "syntax is ok" in checked.stderr


def test_the_port_listens(host):
    # /proc/net/tcp: state 0A is LISTEN, the address ends with the port in hex.
    sockets = host.file("/proc/net/tcp").content_string.splitlines()
    listening = [line.split()[1] for line in sockets[1:] if line.split()[3] == "0A"]
    assert any(address.endswith(f":{PORT:04X}") for address in listening)


def test_the_root_file_system_is_read_only(host):
    written = host.run("touch /written-by-check")
    assert written.rc != 0
    assert not host.file("/written-by-check").exists


def test_tmp_is_writable(host):
    assert host.run("touch /tmp/written-by-check && rm /tmp/written-by-check").rc == 0


def test_the_content_is_present_and_readable(host):
    assert host.file(CONTENT).is_directory
    assert host.run(f"find {CONTENT} -type f | head -n 1 | xargs head -c 1").rc == 0
    unreadable = host.run(f"find {CONTENT} ! -type l ! -readable 2>/dev/null | head -n 1")
    assert unreadable.stdout.strip() in {"", "find: unrecognized: -readable"}


def test_the_content_is_read_only(host):
    assert host.run(f"touch {CONTENT}/written-by-check").rc != 0


def test_no_capability_is_left(host):
    for field in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(_status(host, field), 16) == 0, field


def test_no_new_privileges_can_be_gained(host):
    assert _status(host, "NoNewPrivs") == "1"
