mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "tags_are_immutable_and_images_are_scanned_on_push" {
  command = plan

  assert {
    condition     = aws_ecr_repository.this["app"].image_tag_mutability == "IMMUTABLE"
    error_message = "tags are mutable"
  }

  assert {
    condition     = aws_ecr_repository.this["app"].image_scanning_configuration[0].scan_on_push
    error_message = "images are not scanned"
  }
}

run "images_are_encrypted_with_ecrs_key_by_default" {
  command = plan

  assert {
    condition     = aws_ecr_repository.this["app"].encryption_configuration[0].encryption_type == "AES256"
    error_message = "the repository is not encrypted with AES-256"
  }
}

run "images_can_be_encrypted_with_a_customer_managed_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = aws_ecr_repository.this["app"].encryption_configuration[0].encryption_type == "KMS" && aws_ecr_repository.this["app"].encryption_configuration[0].kms_key == "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    error_message = "the repository has another key"
  }
}

run "images_with_a_release_tag_never_expire" {
  command = plan

  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.this["app"].policy).rules[0].selection.tagPrefixList == ["release-"] && jsondecode(aws_ecr_lifecycle_policy.this["app"].policy).rules[0].selection.countNumber >= 100000
    error_message = "the first rule does not protect release tags"
  }

  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.this["app"].policy).rules[1].selection.countNumber == 200
    error_message = "the second rule does not keep 200 images"
  }
}

run "repositories_that_hold_images_are_not_deleted" {
  command = plan

  assert {
    condition     = aws_ecr_repository.this["app"].force_delete == false
    error_message = "the repository is deleted with its images"
  }
}

run "lambda_may_pull_for_the_given_functions_only" {
  command = plan

  variables {
    functions = { app = "arn:aws:lambda:eu-central-1:123456789012:function:t-*-api" }
  }

  assert {
    condition     = one(data.aws_iam_policy_document.functions["app"].statement).actions == toset(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"])
    error_message = "Lambda may do other actions"
  }

  assert {
    condition     = one(one(data.aws_iam_policy_document.functions["app"].statement).principals).identifiers == toset(["lambda.amazonaws.com"]) && one(one(data.aws_iam_policy_document.functions["app"].statement).condition).values == tolist(["arn:aws:lambda:eu-central-1:123456789012:function:t-*-api"])
    error_message = "another principal or function may pull"
  }

  assert {
    condition     = aws_ecr_repository_policy.functions["app"].repository == "t/app"
    error_message = "another repository has the policy"
  }
}

run "a_repository_without_functions_has_no_policy" {
  command = plan

  assert {
    condition     = length(aws_ecr_repository_policy.functions) == 0
    error_message = "the repository has a policy"
  }
}

run "repositories_of_another_environment_are_used_unchanged" {
  command = plan

  variables {
    create    = false
    functions = { app = "arn:aws:lambda:eu-central-1:123456789012:function:t-*-api" }
  }

  assert {
    condition     = length(aws_ecr_repository.this) == 0 && length(aws_ecr_lifecycle_policy.this) == 0 && length(aws_ecr_repository_policy.functions) == 0 && contains(keys(output.repository_urls), "app")
    error_message = "a repository or policy is created"
  }
}
