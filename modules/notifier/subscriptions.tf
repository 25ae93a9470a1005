locals {
  # Protocol => the form of its endpoint, and an example.
  # https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
  endpoint_forms = {
    application = ["^arn:[^:*?]+:sns:[^:*?]+:[0-9]{12}:endpoint/.+$", "arn:aws:sns:us-east-1:111122223333:endpoint/GCM/app/1234abcd"]
    email       = ["^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", "team@example.com"]
    email-json  = ["^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", "team@example.com"]
    firehose    = ["^arn:[^:*?]+:firehose:[^:*?]+:[0-9]{12}:deliverystream/.+$", "arn:aws:firehose:us-east-1:111122223333:deliverystream/loads"]
    http        = ["^http://[^\\s/]+", "http://hooks.example.com/loads"]
    https       = ["^https://[^\\s/]+", "https://hooks.example.com/loads"]
    lambda      = ["^arn:[^:*?]+:lambda:[^:*?]+:[0-9]{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?$", "arn:aws:lambda:us-east-1:111122223333:function:loads"]
    sms         = ["^\\+[1-9][0-9]{1,14}$", "+12065550100"]
    sqs         = ["^arn:[^:*?]+:sqs:[^:*?]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}(\\.fifo)?$", "arn:aws:sqs:us-east-1:111122223333:loads"]
  }
  states        = ["FINISHED", "FAILED", "ABORTED", "NOT_STARTED", "NOTE"]
  raw_protocols = ["firehose", "http", "https", "sqs"]

  # What the messages of a subscription with loads or states must have.
  filters = { for key, s in var.subscriptions : key => merge(
    length(s.loads) == 0 ? {} : { load = s.loads },
    length(s.states) == 0 ? {} : { state = s.states },
  ) }

  subscription_mistakes = { for key, s in var.subscriptions : key => [for mistake in flatten([
    contains(keys(local.endpoint_forms), s.protocol) ? [] :
    ["protocol: ${jsonencode(s.protocol)} is not supported. Use ${join(", ", keys(local.endpoint_forms))}."],

    can(regex(try(local.endpoint_forms[s.protocol][0], ""), s.endpoint)) ? [] :
    ["endpoint: ${jsonencode(s.endpoint)} is not an endpoint of protocol ${s.protocol}. Use e.g. ${jsonencode(local.endpoint_forms[s.protocol][1])}."],

    s.filter_policy == null || can(keys(jsondecode(s.filter_policy))) ? [] :
    ["filter_policy: ${jsonencode(s.filter_policy)} is not a JSON object. Use e.g. jsonencode({ state = [\"FAILED\"] })."],

    s.filter_policy == null || length(s.loads) + length(s.states) == 0 ? [] :
    ["filter_policy: is set together with loads or states. Set either filter_policy, or loads and states."],

    [for load in s.loads : "loads: ${jsonencode(load)} is not the name of a load. Use 1 to 20 lowercase letters, digits and underscores, starting with a letter, e.g. \"orders\"." if !can(regex("^[a-z][a-z0-9_]{0,19}$", load))],

    [for state in s.states : "states: ${jsonencode(state)} is not supported. Use ${join(", ", local.states)}." if !contains(local.states, state)],

    s.filter_policy_scope == null || try(contains(["MessageAttributes", "MessageBody"], s.filter_policy_scope), false) ? [] :
    ["filter_policy_scope: ${jsonencode(s.filter_policy_scope)} is not supported. Use \"MessageAttributes\" or \"MessageBody\"."],

    !s.raw_message_delivery || contains(local.raw_protocols, s.protocol) ? [] :
    ["raw_message_delivery: is not supported by protocol ${s.protocol}. Omit it or use ${join(", ", local.raw_protocols)}."],

    (s.protocol == "firehose") == (s.subscription_role_arn != null) ? [] :
    ["subscription_role_arn: ${s.subscription_role_arn == null ? "required with protocol firehose. Set the ARN of a role that may write to the stream." : "can only be set together with protocol firehose. Omit it."}"],
  ]) : "subscriptions.${key}.${mistake}"] }
}

resource "aws_sns_topic_subscription" "this" {
  for_each = var.subscriptions

  topic_arn              = local.topic_arn
  protocol               = each.value.protocol
  endpoint               = each.value.endpoint
  filter_policy          = each.value.filter_policy != null ? each.value.filter_policy : length(local.filters[each.key]) == 0 ? null : jsonencode(local.filters[each.key])
  filter_policy_scope    = each.value.filter_policy_scope
  raw_message_delivery   = each.value.raw_message_delivery
  subscription_role_arn  = each.value.subscription_role_arn
  endpoint_auto_confirms = each.value.endpoint_auto_confirms

  lifecycle {
    precondition {
      condition     = length(local.subscription_mistakes[each.key]) == 0
      error_message = join("\n", local.subscription_mistakes[each.key])
    }
  }
}
