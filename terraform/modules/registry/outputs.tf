output "repository_urls" {
  description = "URLs of the repositories, by key."
  value       = { for key, repository in local.repositories : key => repository.repository_url }
}

output "repository_arns" {
  description = "ARNs of the repositories, by key."
  value       = { for key, repository in local.repositories : key => repository.arn }
}

output "force_delete" {
  description = "Whether the repositories are deleted even if they hold images."
  value       = var.force_delete
}
