"""The attributes of load balancers, listeners and target groups: their names, and which values AWS takes."""

from collections.abc import Iterator, Mapping

from pipeline.local.moto.parameter_values import TOKEN, Accepts, either, excerpt, number, text

_SWITCH = text("true|false")
_TEXT = text(r"[ -~]{0,1024}")
_COUNT = either(number(0, 10000), text("off"))
_COOKIE = text(rf"(?!AWSALB(?:APP|TG)?$)(?={TOKEN}$).{{1,128}}")
_RESPONSE = (
    *("strict_transport_security", "access_control_allow_origin", "access_control_allow_methods"),
    *("access_control_allow_headers", "access_control_allow_credentials", "access_control_expose_headers"),
    *("access_control_max_age", "content_security_policy", "x_content_type_options", "x_frame_options"),
)
_REQUEST = (
    *("x_amzn_mtls_clientcert_serial_number", "x_amzn_mtls_clientcert_issuer"),
    *("x_amzn_mtls_clientcert_subject", "x_amzn_mtls_clientcert_validity", "x_amzn_mtls_clientcert_leaf"),
    *("x_amzn_mtls_clientcert", "x_amzn_tls_version", "x_amzn_tls_cipher_suite"),
)
_SWITCHES = (
    *("stickiness.enabled", "lambda.multi_value_headers.enabled", "preserve_client_ip.enabled"),
    *("proxy_protocol_v2.enabled", "deregistration_delay.connection_termination.enabled"),
    *("target_health_state.unhealthy.connection_termination.enabled", "deletion_protection.enabled"),
    *("send_tcp_reset.on_unhealthy.enabled", "send_tcp_reset.on_deregistration.enabled"),
    *("send_tcp_reset.on_idle_timeout.enabled", "access_logs.s3.enabled", "connection_logs.s3.enabled"),
    *("health_check_logs.s3.enabled", "ipv6.deny_all_igw_traffic", "zonal_shift.config.enabled"),
    *("routing.http.drop_invalid_header_fields.enabled", "routing.http.preserve_host_header.enabled"),
    *("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "routing.http.xff_client_port.enabled"),
    *("routing.http2.enabled", "waf.fail_open.enabled", "routing.http.response.server.enabled"),
)
_COUNTS = (
    *("target_group_health.dns_failover.minimum_healthy_targets.count",),
    *("target_group_health.dns_failover.minimum_healthy_targets.percentage",),
    *("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",),
    *("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",),
    *("secondary_ips.auto_assigned.per_subnet",),
)
_LOGS = ("access_logs", "connection_logs", "health_check_logs")
_VALUES: Mapping[str, Accepts] = {
    **dict.fromkeys(_SWITCHES, _SWITCH),
    **dict.fromkeys(_COUNTS, _COUNT),
    **{f"{log}.s3.{part}": _TEXT for log in _LOGS for part in ("bucket", "prefix")},
    **{f"routing.http.response.{name}.header_value": _TEXT for name in _RESPONSE},
    **{f"routing.http.request.{name}.header_name": text(f"(?:{TOKEN})?") for name in _REQUEST},
    "deregistration_delay.timeout_seconds": number(0, 3600),
    "stickiness.type": text("(?:lb|app)_cookie|source_ip(?:_dest_ip(?:_proto)?)?"),
    "stickiness.lb_cookie.duration_seconds": number(1, 604800),
    "stickiness.app_cookie.duration_seconds": number(1, 604800),
    "stickiness.app_cookie.cookie_name": either(_COOKIE, text("")),
    "slow_start.duration_seconds": either(number(30, 900), text("0")),
    "load_balancing.algorithm.type": text("round_robin|least_outstanding_requests|weighted_random"),
    "load_balancing.algorithm.anomaly_mitigation": text("on|off"),
    "load_balancing.cross_zone.enabled": text("true|false|use_load_balancer_configuration"),
    "target_health_state.unhealthy.draining_interval_seconds": number(0, 360000),
    "target_failover.on_deregistration": text("(?:no_)?rebalance"),
    "target_failover.on_unhealthy": text("(?:no_)?rebalance"),
    "tcp.idle_timeout.seconds": number(60, 6000),
    "idle_timeout.timeout_seconds": number(1, 4000),
    "client_keep_alive.seconds": number(60, 604800),
    "routing.http.desync_mitigation_mode": text("monitor|defensive|strictest"),
    "routing.http.xff_header_processing.mode": text("append|preserve|remove"),
    "dns_record.client_routing_policy": text("(?:partial_)?availability_zone_affinity|any_availability_zone"),
}


def attribute_problem(key: str, value: str) -> Iterator[str]:
    """Why AWS refuses an attribute, unless it takes it."""
    if key not in _VALUES:
        yield f"Attribute key {excerpt(key)} is not recognized"
    elif not _VALUES[key](value):
        yield f"The value {excerpt(value)} of attribute '{key}' is not valid"
