locals {
  repositories = var.create ? aws_ecr_repository.this : data.aws_ecr_repository.this
  # An image that a rule selects is not expired by later rules. The rule with this count selects images and expires none.
  never = 100000
}

data "aws_ecr_repository" "this" {
  for_each = var.create ? {} : var.repositories

  name = each.value
}

resource "aws_ecr_repository" "this" {
  for_each = var.create ? var.repositories : {}

  name                 = each.value
  image_tag_mutability = "IMMUTABLE"
  force_delete         = var.force_delete

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = var.kms_key_arn == null ? "AES256" : "KMS"
    kms_key         = var.kms_key_arn
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each = aws_ecr_repository.this

  # The ID is unknown while a repository is replaced, so the policy is created again with it.
  repository = each.value.id
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Keep whatever a release names, however old"
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["release-"]
          countType     = "imageCountMoreThan"
          countNumber   = local.never
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Of the others keep the newest ${var.keep}"
        selection = {
          tagStatus   = "any"
          countType   = "imageCountMoreThan"
          countNumber = var.keep
        }
        action = { type = "expire" }
      },
    ]
  })
}
