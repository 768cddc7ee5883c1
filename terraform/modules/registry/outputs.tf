output "repository_urls" {
  description = "Where to push, by key."
  value       = { for key, repository in local.repositories : key => repository.repository_url }
}

output "repository_arns" {
  description = "The repositories, by key."
  value       = { for key, repository in local.repositories : key => repository.arn }
}
