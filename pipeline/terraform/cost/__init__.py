"""The monthly cost of an environment, estimated from Terraform's plans and a small dated price table.

`plan_reader` turns the plans of both roots into `PlannedResource`s and an `ApiCapacity`; `estimate` turns the
resources, a `Usage` and `Prices` into `CostLine`s; `breakeven` compares the API on Lambda and on Fargate.
All but `plan_reader` are pure.
"""
