mock_provider "aws" {
  source          = "../../mocks"
  override_during = plan
}

run "a_failing_rollout_is_rolled_back" {
  command = plan

  assert {
    condition     = aws_ecs_service.fixed[0].deployment_circuit_breaker[0].enable && aws_ecs_service.fixed[0].deployment_circuit_breaker[0].rollback
    error_message = "the circuit breaker is off"
  }
}

run "alarms_roll_back_as_well" {
  command = plan

  variables {
    alarm_names = ["t-5xx"]
  }

  assert {
    condition     = aws_ecs_service.fixed[0].alarms[0].enable && aws_ecs_service.fixed[0].alarms[0].rollback && aws_ecs_service.fixed[0].alarms[0].alarm_names == toset(["t-5xx"])
    error_message = "the alarms are off, or others are named"
  }
}

run "all_tasks_stay_healthy_during_a_deployment" {
  command = plan

  assert {
    condition     = aws_ecs_service.fixed[0].deployment_minimum_healthy_percent == 100 && aws_ecs_service.fixed[0].deployment_maximum_percent == 200
    error_message = "the percentages are different"
  }
}

run "terraform_does_not_wait_for_the_rollout" {
  command = plan

  assert {
    condition     = aws_ecs_service.fixed[0].wait_for_steady_state == false
    error_message = "Terraform waits for the rollout"
  }
}

run "older_revisions_stay_active" {
  command = plan

  assert {
    condition     = aws_ecs_task_definition.this.skip_destroy
    error_message = "Terraform deregisters older revisions"
  }
}

run "tasks_have_no_public_address_unless_asked" {
  command = plan

  assert {
    condition     = aws_ecs_service.fixed[0].network_configuration[0].assign_public_ip == false
    error_message = "tasks have a public IP address"
  }
}

run "arm_images_run_on_arm" {
  command = plan

  variables {
    task = merge(var.task, { architecture = "ARM64" })
  }

  assert {
    condition     = aws_ecs_task_definition.this.runtime_platform[0].cpu_architecture == "ARM64"
    error_message = "the task has another architecture"
  }
}

run "spot_share_sets_the_weights_of_the_capacity_providers" {
  command = plan

  variables {
    spot_share = 70
  }

  assert {
    condition     = toset([for item in aws_ecs_service.fixed[0].capacity_provider_strategy : "${item.capacity_provider} ${item.weight}"]) == toset(["FARGATE 30", "FARGATE_SPOT 70"])
    error_message = "the weights are different"
  }
}

run "small_images_use_fargates_default_disk" {
  command = plan

  variables {
    task = merge(var.task, { storage_bytes = 5000000000 })
  }

  assert {
    condition     = length(aws_ecs_task_definition.this.ephemeral_storage) == 0
    error_message = "the task has its own disk size"
  }
}

run "large_images_get_a_larger_disk" {
  command = plan

  variables {
    task = merge(var.task, { storage_bytes = 30000000000 })
  }

  assert {
    condition     = aws_ecs_task_definition.this.ephemeral_storage[0].size_in_gib == 31
    error_message = "the disk has another size"
  }
}

run "without_autoscaling_the_number_of_tasks_is_fixed" {
  command = plan

  assert {
    condition     = length(aws_appautoscaling_target.this) == 0 && length(aws_ecs_service.scaled) == 0
    error_message = "autoscaling owns the number of tasks"
  }
}

run "autoscaling_has_a_policy_for_cpu_memory_and_requests" {
  command = plan

  variables {
    autoscaling = { minimum = 2, maximum = 10, cpu = 60, memory = 70, requests = 1000 }
  }

  assert {
    condition     = toset(keys(aws_appautoscaling_policy.this)) == toset(["cpu", "memory", "requests"])
    error_message = "a policy is missing"
  }

  assert {
    condition     = aws_appautoscaling_policy.this["requests"].target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].resource_label == "app/t/1/targetgroup/t/1"
    error_message = "the policy uses another target group"
  }

  assert {
    condition     = length(aws_ecs_service.fixed) == 0 && aws_ecs_service.scaled[0].desired_count == 2
    error_message = "Terraform owns the number of tasks, or it starts with another number"
  }
}

run "autoscaling_starts_within_its_bounds" {
  command = plan

  variables {
    autoscaling = { minimum = 4, maximum = 10, cpu = 60 }
  }

  assert {
    condition     = aws_ecs_service.scaled[0].desired_count == 4
    error_message = "the number of tasks starts outside the bounds"
  }
}

run "autoscaling_follows_a_schedule" {
  command = plan

  variables {
    autoscaling = { minimum = 2, maximum = 10, schedule = { night = { cron = "cron(0 22 * * ? *)", minimum = 1, maximum = 2 } } }
  }

  assert {
    condition     = aws_appautoscaling_scheduled_action.this["night"].scalable_target_action[0].max_capacity == "2"
    error_message = "the schedule sets another maximum"
  }
}

run "a_task_may_have_32_vcpu" {
  command = plan

  variables {
    task = merge(var.task, { cpu = 32768, memory = 249856 })
  }

  assert {
    condition     = aws_ecs_task_definition.this.cpu == "32768" && aws_ecs_task_definition.this.memory == "249856"
    error_message = "the task has another size"
  }
}

run "a_volume_may_be_a_file_system_encrypted_and_by_iam" {
  command = plan

  variables {
    task = merge(var.task, { volumes = [{ name = "tmp" }, { name = "files", efs = { file_system_id = "fs-1", access_point_id = "fsap-1" } }] })
  }

  assert {
    condition = [
      for volume in aws_ecs_task_definition.this.volume : join(" ", flatten([
        for efs in volume.efs_volume_configuration :
        [efs.file_system_id, efs.transit_encryption, one(efs.authorization_config).access_point_id, one(efs.authorization_config).iam]
      ])) if volume.name == "files"
    ] == ["fs-1 ENABLED fsap-1 ENABLED"]
    error_message = "the volume is another one, or its traffic is readable"
  }
}

run "nobody_runs_commands_in_tasks_unless_asked" {
  command = plan

  assert {
    condition     = !aws_ecs_service.fixed[0].enable_execute_command
    error_message = "ECS Exec is on"
  }
}

run "ecs_exec_is_a_switch_of_both_kinds_of_services" {
  command = plan

  variables {
    exec        = true
    autoscaling = { minimum = 1, maximum = 2, cpu = 60 }
  }

  assert {
    condition     = aws_ecs_service.scaled[0].enable_execute_command
    error_message = "ECS Exec is off"
  }
}
