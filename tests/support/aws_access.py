"""Access to the AWS that a test's variables lead to."""

import os

from pipeline.aws.access import Aws


def aws() -> Aws:
    """Access to the AWS that the test's variables lead to: moto in this process, or a local control plane."""
    return Aws.from_environ(os.environ)
