locals {
  weights = var.release.api.weights
  shared  = local.weights.stable_version != null && local.weights.canary_percent < 100
  split   = local.shared ? "version ${local.weights.stable_version} has ${100 - local.weights.canary_percent} %, this release ${local.weights.canary_percent} %" : "this release has all of it"
}

module "dashboard" {
  source = "../modules/dashboard"

  name          = var.platform.name
  region        = var.platform.region
  load_balancer = var.platform.load_balancer_arn_suffix
  targets       = var.platform.target_group_arn_suffixes
  service       = { cluster = split("/", var.platform.cluster_arn)[1], name = var.platform.service_name }
  function_name = one(module.api[*].function_name)
  headline      = "## ${var.platform.name}: release ${var.release.number} (${var.release.layout})\nCommits: ${join(", ", [for source, commit in var.release.commits : "${source} `${substr(commit, 0, 10)}`"])}. API traffic: ${local.split}."
}
