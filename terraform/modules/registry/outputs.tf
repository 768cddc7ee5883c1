output "repository_urls" {
  description = "URLs of the repositories, by key."
  value       = { for key, repository in local.repositories : key => repository.repository_url }
}

output "repository_arns" {
  description = "ARNs of the repositories, by key."
  value       = { for key, repository in local.repositories : key => repository.arn }
}
