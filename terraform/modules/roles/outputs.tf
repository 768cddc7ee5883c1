output "execution_role_arn" {
  description = "Role that ECS starts tasks with."
  value       = aws_iam_role.execution.arn
}

output "task_role_arn" {
  description = "Role that the code in the tasks has."
  value       = aws_iam_role.task.arn
}

output "api_task_role_arn" {
  description = "Role that the code in the API's tasks has."
  value       = aws_iam_role.api_task.arn
}

output "function_role_arn" {
  description = "Role that the API function has."
  value       = aws_iam_role.function.arn
}

output "release_role_name" {
  description = "Name of the release role."
  value       = aws_iam_role.release.id
}

output "release_role_arn" {
  description = "Role that applies releases and may do nothing else."
  value       = aws_iam_role.release.arn
}

output "statement_names" {
  description = "Names of the statements that the code has, of app and API."
  value       = { app = keys(var.statements.app), api = keys(var.statements.api) }
}
