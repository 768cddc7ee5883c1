output "statements" {
  description = "The statements of the policy: what it allows and denies."
  value       = data.aws_iam_policy_document.this.statement
}
