"""Settings are read once; what is wrong is refused with file, key and what was expected."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import load
from pipeline.core.values import Layout, Source

SOURCES = """
[sources.app]
repository = "a"
[sources.static]
repository = "https://example.com/static.git"
[sources.api]
repository = "c"
"""


@pytest.fixture
def read(tmp_path):
    def _read(text, sources=SOURCES):
        (tmp_path / "tandem.toml").write_text(text + sources)
        return load(tmp_path).settings

    return _read


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
    ("written", "units"), [("1024", 1024), ('"1024"', 1024), ('"1 vCPU"', 1024), ('"0.25 vCPU"', 256)]
)
def test_cpu_is_units_or_vcpu(read, written, units):
    assert units == read(f"[task]\ncpu = {written}\n").task.cpu


@pytest.mark.parametrize(
    ("written", "mebibytes"), [("2048", 2048), ('"2048"', 2048), ('"2 GB"', 2048), ('"512 MB"', 512)]
)
def test_memory_is_mebibytes_or_gb(read, written, mebibytes):
    assert mebibytes == read(f"[task]\nmemory = {written}\n").task.memory


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[task]\ncount = -1\n", r"task\.count: .*greater than or equal to 0, not -1"),
        ("[task]\ncuont = 1\n", r"task\.cuont: no such key"),
        ('[task]\ncount = "many"\n', r"task\.count: .*valid integer"),
        ('[task]\nlayout = "two"\n', r"task\.layout: .*'sidecar', 'monolith' or 'fused'"),
        ('[task]\ncpu = "fast"\n', r"task\.cpu: "),
        ('[task]\nhealth_path = "healthz"\n', r"task\.health_path: .*must start with /"),
        ('[task]\nread_only = "no"\n', r"task\.read_only: .*valid boolean"),
        ("[task]\ntmpfs = -1\n", r"task\.tmpfs: .*greater than or equal to 0"),
        ("[task]\ntmpfs = 512\n", r"task: .*tmpfs \(512 MiB\) must be less than memory \(512 MiB\)"),
        ('[task]\nmemory = "2 GB"\ntmpfs = "2 GB"\n', r"task: .*tmpfs \(2048 MiB\) must be less"),
        ("[task]\nread_only = 0\n", r"task\.read_only: .*valid boolean"),
        ('name = "Tandem!"\n', r"name: .*pattern"),
        ('name = "internal"\n', r"name: .*must not begin with internal-"),
        ('name = "sthree-shop"\n', r"name: .*must not begin with internal-"),
        ('name = "xn--shop"\n', r"name: .*must not begin with internal-"),
        ('[environments.dev-]\nregion = "eu-central-1"\n', r"environments\.dev-"),
        ('[environments.prod]\nregion = "europe-central-1"\n', r"region: .*pattern"),
        ("[api]\ncanary = [50, 10]\n", r"api\.canary: .*must rise"),
        ("[api]\ntimeout = 901\n", r"api\.timeout: .*less than or equal to 900"),
        ('[api.secrets]\nTOKEN = "hunter2"\n', r"api\.secrets\.TOKEN: .*never the value itself"),
        ('[local]\nbulk = "big"\n', r"local\.bulk: .*no size"),
        ("[task\n", r"not valid TOML"),
    ],
)
def test_a_wrong_key_type_or_value_is_named(read, text, message):
    with pytest.raises(TandemError, match=message) as refused:
        read(text)
    assert "tandem.toml" in refused.value.message


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-northwest-1", "us-isob-east-1", "eusc-de-east-1"])
def test_a_region_of_any_partition_is_taken(read, region):
    settings = read(f'name = "internals"\n[environments.prod]\nregion = "{region}"\n')
    assert settings.environments["prod"].region == region


def test_a_missing_source_is_named(read):
    with pytest.raises(TandemError, match=r"sources\.api: Field required"):
        read("", SOURCES.replace("[sources.api]\nrepository = ", "[sources.app.x]\nr = "))


def test_without_an_api_its_source_may_be_left_out(read):
    sources = SOURCES.partition("[sources.api]")[0]
    settings = read("[api]\nenabled = false\n", sources)
    assert settings.active_sources == (Source.APP, Source.STATIC)
    assert read("[api]\nenabled = false\n").active_sources == (Source.APP, Source.STATIC)
    for text in ("", "[api]\nenabled = true\n"):
        with pytest.raises(TandemError, match=r"sources\.api: Field required"):
            read(text, sources)
    with pytest.raises(TandemError, match=r"sources\.app: Field required"):
        read("[api]\nenabled = false\n[sources.static]\nrepository = 'a'\n", "")


def test_an_api_without_use_has_no_secrets(read):
    secret = '[api.secrets]\nDB = "arn:aws:ssm:eu-central-1:123456789012:parameter/db"\n'
    assert read(secret).api_secrets.keys() == {"DB"}
    assert read(f"[api]\nenabled = false\n{secret}").api_secrets == {}


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
