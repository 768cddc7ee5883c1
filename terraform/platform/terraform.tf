terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "= 5.100.0"
    }
  }

  # Bucket and key come from the pipeline, the rest from envs/<environment>.tfbackend.
  backend "s3" {}
}

provider "aws" {
  region              = var.region
  allowed_account_ids = var.account_id == "" ? null : [var.account_id]
  max_retries         = var.max_retries

  default_tags {
    tags = merge(local.tags, { ManagedBy = "terraform/platform" })
  }
}
