"""One rig for the tests of this folder, with a function behind its listener."""

from pathlib import Path

import pytest

from tests.local.alb.rig import fixed
from tests.local.alb.rigged import rigged
from tests.support.waiting import until

SCRIPT = Path(__file__).with_name("runtime.py").read_text(encoding="utf-8")


class Api:
    """A function, its alias, and the calls to both."""

    def __init__(self, rig, name):
        self.rig, self.name = rig, name
        self.lambdas = rig.client("lambda")

    def create(self, **more):
        role = self.rig.client("iam").create_role(RoleName=self.name, AssumeRolePolicyDocument="{}")
        self.lambdas.create_function(
            FunctionName=self.name,
            Role=role["Role"]["Arn"],
            PackageType="Image",
            Code={"ImageUri": self.rig.bases["python"]},
            ImageConfig={"EntryPoint": ["python3", "-u", "-c"], "Command": [SCRIPT]},
            **{"Timeout": 1, "MemorySize": 128, **more},
        )
        return self

    def publish(self, **environment):
        """A new version with these variables; its number, once it is active."""
        if environment:
            self.lambdas.update_function_configuration(
                FunctionName=self.name, Environment={"Variables": environment}
            )
        number = self.lambdas.publish_version(FunctionName=self.name)["Version"]
        until(lambda: self.known(number) and self.state(number) != "Pending", 20)
        return number

    def known(self, number):
        return (self.name, number) in self.rig.functions._pools

    def state(self, number):
        configuration = self.lambdas.get_function_configuration(FunctionName=self.name, Qualifier=number)
        return configuration["State"]

    def alias(self, number):
        made = self.lambdas.create_alias(FunctionName=self.name, Name="live", FunctionVersion=number)
        return made["AliasArn"]

    def point(self, number, **weights):
        self.lambdas.update_alias(
            FunctionName=self.name,
            Name="live",
            FunctionVersion=number,
            RoutingConfig={"AdditionalVersionWeights": weights},
        )

    def invoke(self, qualifier="live", event=b"{}"):
        response = self.lambdas.invoke(FunctionName=self.name, Qualifier=qualifier, Payload=event)
        return response, response["Payload"].read()

    def containers(self, number=None):
        labels = [f"io.tandem.stack={self.rig.context.stack}", f"io.tandem.function={self.name}"]
        if number:
            labels.append(f"io.tandem.version={number}")
        return self.rig.context.docker.containers.list(filters={"label": labels}, ignore_removed=True)


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    with rigged(tmp_path_factory.mktemp("functions")) as made:
        yield made


@pytest.fixture(scope="module")
def api(rig):
    """A function at /api, static content at every other path."""
    made = Api(rig, "api").create(Environment={"Variables": {"COLOUR": "blue"}})
    alias = made.alias(made.publish())
    made.lambdas.put_function_concurrency(FunctionName="api", ReservedConcurrentExecutions=2)
    group = rig.elb.create_target_group(Name="api", TargetType="lambda")
    made.group = group["TargetGroups"][0]["TargetGroupArn"]
    rig.elb.register_targets(TargetGroupArn=made.group, Targets=[{"Id": alias}])
    listener = rig.listen(fixed("static"))
    forward = {"Type": "forward", "TargetGroupArn": made.group}
    with rig.rule(listener, 1, forward, path_pattern=["/api", "/api/*"]):
        yield made
