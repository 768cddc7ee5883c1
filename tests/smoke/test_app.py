"""The containers of each task run as the task definition says."""

import pytest


def _status(host, field):
    lines = host.file("/proc/1/status").content_string.splitlines()
    return next(line.split(":", 1)[1].strip() for line in lines if line.startswith(field + ":"))


def test_every_container_of_the_task_is_there(every_container):
    assert [name for name, containers in every_container.items() if not containers] == []


def test_the_container_runs(app_container):
    assert app_container.status == "running"


def test_the_first_process_is_nginx(tandems_dockerfile, app):
    del tandems_dockerfile
    assert "nginx" in app.file("/proc/1/cmdline").content_string


def test_nginx_accepts_its_configuration(tandems_dockerfile, app):
    del tandems_dockerfile
    checked = app.run("nginx -t")
    assert checked.rc == 0, checked.stderr
    assert "syntax is ok" in checked.stderr


def test_the_first_process_has_the_user_of_the_task_definition(app, definition):
    user = definition.get("user", "").partition(":")[0]
    if not user.isdigit():
        pytest.skip("the task definition names no user by number")
    assert set(_status(app, "Uid").split()) == {user}


def test_the_port_listens(app, definition):
    # /proc/net/tcp: state 0A is LISTEN, the address ends with the port in hex.
    port = definition["portMappings"][0]["containerPort"]
    tables = app.run("cat /proc/net/tcp /proc/net/tcp6 2>/dev/null").stdout.splitlines()
    sockets = [line.split() for line in tables if ":" in line]
    listening = [fields[1] for fields in sockets if fields[3] == "0A"]
    assert any(address.endswith(f":{port:04X}") for address in listening), f"nothing listens on {port}"


def test_the_root_file_system_is_read_only(app, definition):
    if not definition.get("readonlyRootFilesystem"):
        pytest.skip("task.read_only is false")
    assert app.run("touch /written-by-check").rc != 0
    assert not app.file("/written-by-check").exists


def test_its_own_volumes_are_writable(app, definition):
    paths = [point["containerPath"] for point in definition["mountPoints"] if not point.get("readOnly")]
    for path in paths:
        assert app.run("touch %s/written-by-check && rm %s/written-by-check", path, path).rc == 0, path


def test_the_content_is_present_and_readable(app, content_path):
    assert app.file(content_path).is_directory
    assert app.run("ls -A %s", content_path).stdout.strip(), f"{content_path} is empty"
    unreadable = app.run("find %s ! -type l ! -readable 2>/dev/null | head -n 1", content_path)
    assert unreadable.stdout.strip() == ""


def test_the_content_is_read_only(app, definition, content_path):
    mounts = definition.get("volumesFrom", [])
    if not definition.get("readonlyRootFilesystem") and not any(mount.get("readOnly") for mount in mounts):
        pytest.skip("task.read_only is false, and the content is part of the image")
    assert app.run("touch %s/written-by-check", content_path).rc != 0


def test_no_capability_is_left(app, definition):
    if definition.get("linuxParameters", {}).get("capabilities", {}).get("drop") != ["ALL"]:
        pytest.skip("the task definition leaves capabilities")
    for field in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(_status(app, field), 16) == 0, field


def test_no_new_privileges_can_be_gained(app):
    assert _status(app, "NoNewPrivs") == "1"
