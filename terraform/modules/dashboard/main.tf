locals {
  function = coalesce(var.function_name, "none")
  balancer = "AWS/ApplicationELB"
  rows = concat(
    [
      { title = "Requests per minute", metrics = [for key, group in var.targets : [local.balancer, "RequestCount", "TargetGroup", group, "LoadBalancer", var.load_balancer, { label = key, stat = "Sum" }]] },
      { title = "Answers with 5xx", metrics = [for key, group in var.targets : [local.balancer, "HTTPCode_Target_5XX_Count", "TargetGroup", group, "LoadBalancer", var.load_balancer, { label = key, stat = "Sum" }]] },
      { title = "Slowest answers of twenty (p95, s)", metrics = [for key, group in var.targets : [local.balancer, "TargetResponseTime", "TargetGroup", group, "LoadBalancer", var.load_balancer, { label = key, stat = "p95" }]] },
      { title = "Tasks: CPU and memory (%)", metrics = [for metric in ["CPUUtilization", "MemoryUtilization"] : ["AWS/ECS", metric, "ClusterName", var.service.cluster, "ServiceName", var.service.name, { stat = "Average" }]] },
    ],
    [for row in [
      # One line per version behind the alias: the split as it really is.
      { title = "API traffic by version", metrics = [[{ expression = "SEARCH('{AWS/Lambda,FunctionName,Resource,ExecutedVersion} FunctionName=\"${local.function}\" Resource=\"${local.function}:live\" MetricName=\"Invocations\"', 'Sum', 60)", id = "split", label = "" }]] },
      { title = "API: errors, throttles, concurrency", metrics = [for metric in ["Errors", "Throttles", "ConcurrentExecutions"] : ["AWS/Lambda", metric, "FunctionName", local.function, { stat = metric == "ConcurrentExecutions" ? "Maximum" : "Sum" }]] },
    ] : row if var.function_name != null],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = concat(
      [{ type = "text", x = 0, y = 0, width = 24, height = 3, properties = { markdown = var.headline } }],
      [for index, row in local.rows : {
        type       = "metric"
        x          = 12 * (index % 2)
        y          = 3 + 6 * floor(index / 2)
        width      = 12
        height     = 6
        properties = { title = row.title, region = var.region, period = 60, view = "timeSeries", metrics = row.metrics }
      }],
    )
  })
}
