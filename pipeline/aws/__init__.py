"""The one door to AWS.

`client.Aws` is a value: access to one region of one account, and the typed boto3 clients of it. `errors`
turns AWS's errors into TandemError. The other modules ask one service each (`ecs`, `lambda_alias`,
`cloudwatch`, `secrets`, `state_bucket`): a function takes an `Aws` first and returns plain values.
`request_schema` asks botocore's model, not AWS. The room imports `core` and `render`; only `local`, which
patches moto, imports botocore besides.
"""
