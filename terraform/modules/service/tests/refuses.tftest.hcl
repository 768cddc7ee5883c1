mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "memory_that_does_not_fit_the_cpu_and_values_out_of_bounds_are_refused" {
  command = plan

  variables {
    task                    = merge(var.task, { memory = 4096 })
    cluster_arn             = "t"
    desired_count           = 1.5
    grace_seconds           = -1
    subnet_ids              = []
    minimum_healthy_percent = 150
    maximum_percent         = 200
  }

  expect_failures = [
    var.task,
    var.cluster_arn,
    var.desired_count,
    var.grace_seconds,
    var.subnet_ids,
    var.minimum_healthy_percent,
  ]
}

run "unknown_architectures_and_percentages_that_allow_no_deployment_are_refused" {
  command = plan

  variables {
    task            = merge(var.task, { architecture = "RISCV" })
    maximum_percent = 100
    spot_share      = 101
  }

  expect_failures = [
    var.task,
    var.maximum_percent,
    var.spot_share,
  ]
}

run "disks_below_21_gib_and_a_minimum_above_the_maximum_are_refused" {
  command = plan

  variables {
    task        = merge(var.task, { ephemeral_storage_gib = 20 })
    autoscaling = { minimum = 5, maximum = 2, cpu = 60 }
  }

  expect_failures = [
    var.task,
    var.autoscaling,
  ]
}

run "images_that_do_not_fit_the_disk_and_cpu_targets_above_90_percent_are_refused" {
  command = plan

  variables {
    task        = merge(var.task, { ephemeral_storage_gib = 21, storage_bytes = 30000000000 })
    autoscaling = { minimum = 2, maximum = 10, cpu = 99 }
  }

  expect_failures = [
    var.task,
    var.autoscaling,
  ]
}

run "image_tags_and_scaling_by_requests_without_a_load_balancer_are_refused" {
  command = plan

  variables {
    task          = merge(var.task, { container_definitions = "[{\"name\":\"app\",\"image\":\"r/app:latest\"}]" })
    autoscaling   = { minimum = 2, maximum = 10, requests = 1000 }
    load_balancer = null
  }

  expect_failures = [
    var.task,
    var.autoscaling,
  ]
}

run "unknown_containers_and_autoscaling_without_a_target_are_refused" {
  command = plan

  variables {
    task        = merge(var.task, { container = "web" })
    autoscaling = { minimum = 2, maximum = 10 }
  }

  expect_failures = [
    var.task,
    var.autoscaling,
  ]
}

run "a_schedule_that_is_not_a_cron_expression_is_refused" {
  command = plan

  variables {
    autoscaling = { minimum = 2, maximum = 10, schedule = { night = { cron = "22:00", minimum = 1, maximum = 2 } } }
  }

  expect_failures = [var.autoscaling]
}

run "exec_in_a_container_with_a_read_only_root_is_refused" {
  command = plan

  variables {
    exec = true
    task = merge(var.task, { container_definitions = "[{\"name\":\"app\",\"image\":\"r/app@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"readonlyRootFilesystem\":true}]" })
  }

  expect_failures = [var.exec]
}
