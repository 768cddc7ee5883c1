"""Requests that the release role may not make, and an image's manifest as it may push it."""

from typing import Any

from tests.modules.role_platform import TASK_SECRET

MANIFEST = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
    "config": {"digest": "sha256:" + "a" * 64},
    "layers": [],
}

DENIED: list[tuple[str, str, dict[str, Any]]] = [
    ("ec2", "delete_vpc", {"VpcId": "vpc-1"}),
    ("secretsmanager", "get_secret_value", {"SecretId": "another"}),
    ("secretsmanager", "get_secret_value", {"SecretId": TASK_SECRET}),
    ("iam", "create_role", {"RoleName": "x", "AssumeRolePolicyDocument": "{}"}),
    (
        "iam",
        "put_role_policy",
        {"RoleName": "tandem-local-release", "PolicyName": "x", "PolicyDocument": "{}"},
    ),
    ("ecs", "run_task", {"cluster": "tandem-local", "taskDefinition": "tandem-local:1"}),
    ("ecs", "run_task", {"cluster": "another", "taskDefinition": "tandem-local-run:1"}),
    ("ecs", "stop_task", {"cluster": "another", "task": "1"}),
    ("ecs", "update_service", {"cluster": "tandem-local", "service": "another", "desiredCount": 0}),
    ("lambda", "delete_function", {"FunctionName": "another"}),
    (
        "lambda",
        "update_function_configuration",
        {"FunctionName": "tandem-local-api", "Role": "arn:aws:iam::123456789012:role/admin"},
    ),
    ("elbv2", "delete_load_balancer", {"LoadBalancerArn": "arn:aws:elasticloadbalancing:::loadbalancer/x"}),
    (
        "s3",
        "put_object",
        {"Bucket": "tandem-local-state-123456789012", "Key": "platform.tfstate", "Body": b""},
    ),
    ("s3", "delete_object", {"Bucket": "tandem-local-state-123456789012", "Key": "release.tfstate"}),
    ("dynamodb", "delete_table", {"TableName": "tandem-local-records"}),
    ("dynamodb", "delete_item", {"TableName": "tandem-local-records", "Key": {"x": {"S": "x"}}}),
    ("ecr", "batch_delete_image", {"repositoryName": "tandem/app", "imageIds": [{"imageTag": "release-1"}]}),
    ("ecr", "delete_repository", {"repositoryName": "tandem/app"}),
    ("ecr", "put_image", {"repositoryName": "another/app", "imageManifest": "{}"}),
    ("ecr", "put_image", {"repositoryName": "tandem/dev/app", "imageManifest": "{}"}),
    ("ecr", "batch_get_image", {"repositoryName": "tandem/qa/app", "imageIds": [{"imageTag": "1"}]}),
    ("acm", "delete_certificate", {"CertificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/1"}),
    ("logs", "get_log_events", {"logGroupName": "/another", "logStreamName": "x"}),
    ("logs", "delete_log_group", {"logGroupName": "/tandem/local/app"}),
]
