mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "memory_that_does_not_fit_the_cpu_and_a_cluster_by_name_and_half_a_task_and_a_grace_of_less_than_nothing_and_no_subnet_and_more_healthy_than_all" {
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

run "an_architecture_that_is_none_and_a_maximum_that_leaves_no_room_to_replace_and_a_spot_share_above_all" {
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

run "a_disk_smaller_than_fargate_gives_and_a_minimum_above_the_maximum" {
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

run "images_that_do_not_fit_the_disk_and_a_cpu_target_of_nearly_all" {
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

run "an_image_by_tag_and_scaling_by_requests_of_no_balancer" {
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

run "a_container_that_is_none_and_scaling_by_nothing" {
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

run "a_schedule_that_is_no_cron" {
  command = plan

  variables {
    autoscaling = { minimum = 2, maximum = 10, schedule = { night = { cron = "22:00", minimum = 1, maximum = 2 } } }
  }

  expect_failures = [var.autoscaling]
}
