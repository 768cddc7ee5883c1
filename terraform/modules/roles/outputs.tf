output "execution_role_arn" {
  description = "ECS starts tasks with this role."
  value       = aws_iam_role.execution.arn
}

output "task_role_arn" {
  description = "Code in the tasks runs with this role."
  value       = aws_iam_role.task.arn
}

output "function_role_arn" {
  description = "The API function runs with this role."
  value       = aws_iam_role.function.arn
}

output "release_role_arn" {
  description = "Role that applies releases."
  value       = aws_iam_role.release.arn
}
