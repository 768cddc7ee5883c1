locals {
  exec = {
    app = contains(["app", "all"], var.exec)
    api = contains(["api", "all"], var.exec)
  }

  # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#ecs-exec-required-iam-permissions
  exec_statement = {
    Exec = {
      actions = [
        "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
      ]
      resources  = ["*"] # takes no resource
      conditions = []
    }
  }
}
