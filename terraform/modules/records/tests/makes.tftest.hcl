mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "the_table_has_point_in_time_recovery" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.records.point_in_time_recovery[0].enabled && aws_dynamodb_table.records.deletion_protection_enabled
    error_message = "point-in-time recovery or deletion protection is off"
  }
}

run "releases_are_versioned_private_and_encrypted" {
  command = plan

  assert {
    condition     = aws_s3_bucket_versioning.releases.versioning_configuration[0].status == "Enabled"
    error_message = "the bucket is not versioned"
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.releases.block_public_acls && aws_s3_bucket_public_access_block.releases.block_public_policy && aws_s3_bucket_public_access_block.releases.ignore_public_acls && aws_s3_bucket_public_access_block.releases.restrict_public_buckets
    error_message = "the bucket is public"
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.releases.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"
    error_message = "the bucket is not encrypted"
  }
}

run "table_and_bucket_can_be_encrypted_with_a_customer_managed_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.releases.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" && aws_dynamodb_table.records.server_side_encryption[0].kms_key_arn == "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    error_message = "bucket or table has another key"
  }
}

run "the_bucket_refuses_requests_without_tls" {
  command = plan

  assert {
    condition     = length(module.tls_only) == 1
    error_message = "the bucket has no policy that refuses requests without TLS"
  }
}

run "a_bucket_that_holds_releases_is_not_deleted" {
  command = plan

  assert {
    condition     = aws_s3_bucket.releases.force_destroy == false
    error_message = "the bucket is deleted with its releases"
  }
}

run "tls_can_be_optional_for_the_local_aws" {
  command = plan

  variables {
    require_tls = false
  }

  assert {
    condition     = length(module.tls_only) == 0
    error_message = "the bucket has a policy"
  }
}

run "the_release_bucket_denies_exactly_what_comes_without_tls" {
  command = plan

  assert {
    condition     = length(module.tls_only[0].statements) == 1 && module.tls_only[0].statements[0].effect == "Deny" && module.tls_only[0].statements[0].actions == toset(["s3:*"])
    error_message = "the bucket policy does something else than deny"
  }

  assert {
    condition     = one(module.tls_only[0].statements[0].condition).test == "Bool" && one(module.tls_only[0].statements[0].condition).variable == "aws:SecureTransport" && one(module.tls_only[0].statements[0].condition).values == tolist(["false"])
    error_message = "requests with TLS are denied, or those without are not"
  }
}
