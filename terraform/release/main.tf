locals {
  api_runtimes = keys(var.platform.api_target_group_arns)
  has_api      = length(local.api_runtimes) > 0

  weights   = var.release.api.weights
  is_canary = local.weights.stable_version != null && local.weights.canary_percent < 100
  canary = [
    "version ${coalesce(local.weights.stable_version, "none")} ${100 - local.weights.canary_percent} %",
    "this release ${local.weights.canary_percent} %",
  ]
  traffic = local.is_canary ? join(", ", local.canary) : "all to this release"
  commits = [for source, commit in var.release.commits : "${source} `${substr(commit, 0, 10)}`"]
}

module "dashboard" {
  source = "../modules/dashboard"

  name          = var.platform.name
  region        = var.platform.region
  load_balancer = var.platform.load_balancer_arn_suffix
  targets       = var.platform.target_group_arn_suffixes
  service       = { cluster = split("/", var.platform.cluster_arn)[1], name = var.platform.service_name }
  function_name = one(module.api[*].function_name)
  headline = join("\n", [
    "## ${var.platform.name}: release ${var.release.number} (${var.release.layout})",
    join(" ", concat(["Commits: ${join(", ", local.commits)}."], local.has_api ? ["API traffic: ${local.traffic}."] : [])),
  ])
}
