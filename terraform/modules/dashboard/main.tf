locals {
  target_metrics = {
    "Requests per minute"    = { name = "RequestCount", stat = "Sum" }
    "5xx responses"          = { name = "HTTPCode_Target_5XX_Count", stat = "Sum" }
    "Response time, p95 (s)" = { name = "TargetResponseTime", stat = "p95" }
  }

  target_widgets = [for title in ["Requests per minute", "5xx responses", "Response time, p95 (s)"] : {
    title = title
    metrics = [for key, group in var.targets : [
      "AWS/ApplicationELB", local.target_metrics[title].name, "TargetGroup", group, "LoadBalancer", var.load_balancer,
      { label = key, stat = local.target_metrics[title].stat },
    ]]
  }]

  task_widget = {
    title = "Tasks: CPU and memory (%)"
    metrics = [for metric in ["CPUUtilization", "MemoryUtilization"] : [
      "AWS/ECS", metric, "ClusterName", var.service.cluster, "ServiceName", var.service.name, { stat = "Average" },
    ]]
  }

  function = coalesce(var.function_name, "none")
  # One line for each version behind the alias: the traffic as it is really split.
  invocations_by_version = join(" ", [
    "{AWS/Lambda,FunctionName,Resource,ExecutedVersion}",
    "FunctionName=\"${local.function}\"",
    "Resource=\"${local.function}:live\"",
    "MetricName=\"Invocations\"",
  ])

  function_metrics = { Errors = "Sum", Throttles = "Sum", ConcurrentExecutions = "Maximum" }

  function_widgets = [
    {
      title   = "API traffic by version"
      metrics = [[{ expression = "SEARCH('${local.invocations_by_version}', 'Sum', 60)", id = "split", label = "" }]]
    },
    {
      title = "API: errors, throttles, concurrency"
      metrics = [for metric in ["Errors", "Throttles", "ConcurrentExecutions"] : [
        "AWS/Lambda", metric, "FunctionName", local.function, { stat = local.function_metrics[metric] },
      ]]
    },
  ]

  widgets = concat(
    local.target_widgets,
    [local.task_widget],
    [for widget in local.function_widgets : widget if var.function_name != null],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = concat(
      [{ type = "text", x = 0, y = 0, width = 24, height = 3, properties = { markdown = var.headline } }],
      [for index, widget in local.widgets : {
        type   = "metric"
        x      = 12 * (index % 2)
        y      = 3 + 6 * floor(index / 2)
        width  = 12
        height = 6
        properties = {
          title   = widget.title
          region  = var.region
          period  = 60
          view    = "timeSeries"
          metrics = widget.metrics
        }
      }],
    )
  })
}
