"""Settings are read once; what is wrong is refused with file, key and what was expected."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import load
from pipeline.core.values import Layout, Source


def test_the_projects_own_settings_are_valid():
    settings = load(ROOT).settings
    assert settings.sources[Source.STATIC].repository == "examples/static"
    assert settings.task.layout is Layout.SIDECAR


def test_every_commented_default_is_the_default(tmp_path):
    """The example file is the documentation: a commented key shows what leaving it out means."""
    text = (ROOT / "tandem.toml").read_text()
    shown = "\n".join(line.removeprefix("# ") if " = " in line else line for line in text.splitlines())
    (tmp_path / "tandem.toml").write_text(shown.replace("# [", "["))
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "tandem.toml").write_text(text)
    assert load(tmp_path).settings == load(tmp_path / "plain").settings


@pytest.mark.parametrize(
    ("written", "units"),
    [("1024", 1024), ('"1024"', 1024), ('"1 vCPU"', 1024), ('"0.25 vCPU"', 256), ('"0.25vcpu"', 256)],
)
def test_cpu_is_units_or_vcpu(read, written, units):
    assert units == read(f"[task]\ncpu = {written}\n").task.cpu


@pytest.mark.parametrize(
    ("written", "mebibytes"),
    [("2048", 2048), ('"2048"', 2048), ('"2 GB"', 2048), ('"512 MB"', 512), ('"2GiB"', 2048)],
)
def test_memory_is_mebibytes_or_gb(read, written, mebibytes):
    assert mebibytes == read(f"[task]\nmemory = {written}\n").task.memory


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[task]\ncount = -1\n", r"task\.count: .*greater than or equal to 0, not -1"),
        ("[task]\ncuont = 1\n", r"task\.cuont: no such key; did you mean task\.count\?"),
        (
            "[api]\ncanary_seconds = 9\n",
            r"there is local\.canary_seconds and environments\.NAME\.canary_seconds",
        ),
        ('[task]\ncount = "many"\n', r"task\.count: must be an integer, not 'many'"),
        ('[task]\nlayout = "two"\n', r"task\.layout: .*'sidecar', 'monolith' or 'fused'"),
        ('[task]\ncpu = "fast"\n', r"task\.cpu: "),
        ('[task]\nhealth_path = "healthz"\n', r"task\.health_path: .*must start with /"),
        ('[task]\nread_only = "no"\n', r"task\.read_only: must be a boolean"),
        ("[task]\ntmpfs = -1\n", r"task\.tmpfs: .*greater than or equal to 0"),
        ("[task]\ntmpfs = 512\n", r"task: .*tmpfs \(512 MiB\) must be less than memory \(512 MiB\)"),
        ('[task]\nmemory = "2 GB"\ntmpfs = "2 GB"\n', r"task: .*tmpfs \(2048 MiB\) must be less"),
        ("[task]\nread_only = 0\n", r"task\.read_only: must be a boolean"),
        ('name = "Tandem!"\n', r"name: must be 3 to 20 of a-z"),
        ('name = "internal"\n', r"name: .*must not begin with internal-"),
        ('name = "sthree-shop"\n', r"name: .*must not begin with internal-"),
        ('name = "xn--shop"\n', r"name: .*must not begin with internal-"),
        ('[environments.dev-]\nregion = "eu-central-1"\n', r"environments\.dev-"),
        (
            '[environments.prod]\nregion = "europe-central-1"\n',
            r"region: must be a region, such as eu-central-1",
        ),
        ("[api]\ncanary = [50, 10]\n", r"api\.canary: .*must rise"),
        ("[api]\ntimeout = 901\n", r"api\.timeout: .*less than or equal to 900"),
        ('[api.secrets]\nTOKEN = "hunter2"\n', r"api\.secrets\.TOKEN: .*never the value itself"),
        ('[local]\nbulk = "big"\n', r"local\.bulk: .*no size"),
        ("[task\n", r"not valid TOML"),
        ('[app]\nrepository = "x"\n', r"app: no such key; there is sources\.app"),
        ('branch = "x"\n', r"branch: no such key; there is sources\.app\.branch and sources\.static\.branch"),
        (
            "[task]\naccount_id = 1\n",
            r"task\.account_id: no such key; there is environments\.NAME\.account_id",
        ),
        ("[environment.prod]\n", r"environment: no such key; did you mean environments\?"),
        ("[environments.prod]\nquiet = 1\n", r"did you mean environments\.prod\.quiet_hours\?"),
        ("[task]\nnothing_like_it = 1\n", r"task\.nothing_like_it: no such key$"),
        ("[environments.Prod]\n", r"environments\.Prod: an environment's name must be 1 to 16 of a-z"),
        (
            "[environments.prod]\naccount_id = 123456789012\n",
            r"account_id: must be a text, in quotes, not 12",
        ),
        ('[environments.prod]\naccount_id = "1234-5678"\n', r"account_id: must be the 12 digits"),
        ('[environments.prod]\nquiet_hours = "22-6"\n', r"quiet_hours: must be two times, such as 22:00"),
        (
            '[environments.prod]\nfollows = "dev"\n',
            r"environments\.prod\.follows must be another environment",
        ),
        (
            '[environments.prod]\nfollows = "prod"\n',
            r"environments\.prod\.follows must be another environment",
        ),
        ("[environments.local]\n", r"environments\.local is this machine, whose keys are under \[local\]$"),
        (
            "[task.environment]\nPORT = 8080\n",
            r"task\.environment\.PORT: must be a text, in quotes, not 8080",
        ),
        ('[task.environment]\nMY-VAR = "x"\n', r"MY-VAR: a variable's name must be of letters"),
        ('[task]\nenvironment = ["A=1"]\n', r"task\.environment: must be a table, not a list"),
        ('[static]\nprecompress = "*.css"\n', r"static\.precompress: must be a list, not"),
        ('[api]\nhandler = "main"\n', r"api\.handler: must be MODULE\.FUNCTION, such as main\.handler"),
        ('[api]\nhandler = ""\n', r"an empty api\.handler needs a dockerfile under \[sources\.api\]"),
        (
            '[task]\nmemory = "512 KB"\n',
            r'task\.memory: must be MiB, such as 512, or a text such as "512 MB"',
        ),
        ('[task]\nmemory = "0.5"\n', r"task\.memory: must be MiB"),
        (
            "[task]\ncpu = 0.25\n",
            r'task\.cpu: must be CPU units, such as 256, or a text such as "0\.25 vCPU"',
        ),
        ('[task]\ncpu = "0.25"\n', r"task\.cpu: must be CPU units"),
        ('[task]\nhealth_path = "/ok?x=1"\n', r"task\.health_path: .*of letters, digits and"),
    ],
)
def test_a_wrong_key_type_or_value_is_named(read, text, message):
    with pytest.raises(TandemError, match=message) as refused:
        read(text)
    assert "tandem.toml" in refused.value.message


def test_a_secrets_number_is_not_repeated_either(read):
    with pytest.raises(TandemError) as refused:
        read("[task.secrets]\nPIN = 73911\n")
    assert "73911" not in refused.value.message


def test_a_secrets_value_is_never_repeated(read):
    with pytest.raises(TandemError) as refused:
        read('[api.secrets]\nTOKEN = "hunter2"\n')
    assert "hunter2" not in refused.value.message


def test_no_settings_at_all_says_where_to_look(tmp_path):
    with pytest.raises(TandemError, match=r"cannot read .*tandem\.toml") as refused:
        load(tmp_path)
    assert "--project" in refused.value.hint


def test_the_health_path_may_be_the_root(read):
    """It is the load balancer's default."""
    assert read('[task]\nhealth_path = "/"\n').task.health_path == "/"
    for key in ("content_path", "health_path"):
        with pytest.raises(TandemError, match=rf"task\.{key}: .*must start with /"):
            read(f'[task]\n{key} = "/x/"\n')
    with pytest.raises(TandemError, match="content_path"):
        read('[task]\ncontent_path = "/"\n')


@pytest.mark.parametrize("table", ["task", "api"])
def test_environment_files_are_objects_in_s3(read, table):
    settings = read(f'[{table}]\nenvironment_files = ["arn:aws:s3:::shop/app-1.env"]\n')
    assert getattr(settings, table).environment_files == ("arn:aws:s3:::shop/app-1.env",)


@pytest.mark.parametrize(
    "arn",
    ["https://shop.s3/app.env", "arn:aws:s3:::shop/app.txt", "arn:aws:s3:::shop", "arn:aws:s3:::a*/b.env"],
)
def test_what_ecs_cannot_read_is_no_environment_file(read, arn):
    with pytest.raises(TandemError, match=r"environment_files.*\.env"):
        read(f'[task]\nenvironment_files = ["{arn}"]\n')


def test_more_environment_files_than_ecs_reads_are_refused(read):
    arns = [f"arn:aws:s3:::shop/{number}.env" for number in range(11)]
    with pytest.raises(TandemError, match="environment_files"):
        read(f"[task]\nenvironment_files = {arns}\n")
