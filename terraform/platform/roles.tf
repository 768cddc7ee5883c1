locals {
  account_root_arn     = "arn:${local.partition}:iam::${local.account_id}:root"
  api_task_secret_arns = var.api_secret_arns # for `tandem run`, also where the API is a function
}

module "roles" {
  source = "../modules/roles"

  name                   = local.prefix
  account_id             = local.account_id
  path                   = var.role_path
  permissions_boundary   = var.permissions_boundary
  repository_arns        = values(module.registry.repository_arns)
  app_log_group_arn      = module.observability.log_group_arns["app"]
  api_log_group_arn      = module.observability.log_group_arns["api-task"]
  function_log_group_arn = module.observability.log_group_arns["api"]
  task_secret_arns       = distinct(concat(var.app_secret_arns, local.api_task_secret_arns))
  function_secret_arns   = var.api_secret_arns
  environment_files      = distinct(concat(var.app_environment_files, var.api_environment_files))
  secret_kms_key_arns    = var.secret_kms_key_arns
  kms_key_arn            = var.kms_key_arn
  function_in_vpc        = var.api_vpc
  release_oidc           = var.release_oidc
  build_project_arn      = local.build_project_arn
  database_user_arn      = local.has_database ? local.database.user_arn : null
  file_system_arn        = local.file_system_arn
  statements = {
    app = merge(var.statements.app, local.exec["app"] ? local.exec_statement : {})
    api = merge(var.statements.api, local.file_system_statement, local.exec["api"] ? local.exec_statement : {})
  }

  # Names that another environment's platform gives its own, and those of shared repositories.
  follows = var.follows == null ? null : {
    state_bucket    = "${var.name}-${var.follows}-state-${local.account_id}"
    releases_bucket = "${var.name}-${var.follows}-releases-${local.account_id}"
    prefix          = "${var.follows}/"
    kms_key_arn     = var.followed_kms_key_arn
    repository_arns = [
      for path in setproduct([var.name, "${var.name}/${var.follows}"], keys(local.repositories)) :
      "arn:${local.partition}:ecr:${var.region}:${local.account_id}:repository/${join("/", path)}"
    ]
  }

  reads_releases = !var.api_reads_releases ? null : {
    bucket_arn   = module.records.bucket_arn
    prefix       = "${var.environment}/"
    table_arn    = module.records.table_arn
    function_arn = "arn:${local.partition}:lambda:${var.region}:${local.account_id}:function:${local.prefix}-api"
  }

  release = {
    trusted             = length(var.release_trusted) > 0 ? var.release_trusted : [local.account_root_arn]
    state_bucket        = "${local.prefix}-state-${local.account_id}"
    region              = var.region
    cluster_name        = aws_ecs_cluster.this.name
    service_names       = [local.prefix, "${local.prefix}-api"]
    families            = [local.prefix, "${local.prefix}-api", "${local.prefix}-run"]
    run_family          = "${local.prefix}-run"
    function_name       = "${local.prefix}-api"
    target_group_arns   = [for key, arn in module.load_balancer.target_group_arns : arn if key == "api"]
    releases_bucket_arn = module.records.bucket_arn
    records_table_arn   = module.records.table_arn
    dashboard_name      = local.prefix
    https               = module.load_balancer.https
    certificate_arns    = module.load_balancer.certificate_arns
  }
}
