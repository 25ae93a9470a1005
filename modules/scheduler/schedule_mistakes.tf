# What is wrong with each schedule, so that a plan rejects what AWS would reject during apply.
# Fields: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
locals {
  # Names of loads and schedules have no hyphen, so each key stands for one schedule.
  schedules = merge([for name, load in var.loads : { for trigger, schedule in load.schedules : "${name}-${trigger}" => merge(schedule, { load = name, trigger = trigger }) }]...)

  cron_months = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
  cron_days   = "SUN|MON|TUE|WED|THU|FRI|SAT"

  # Field => lowest and highest value, the form of one value, and what may stand in place of a list of values.
  cron_fields = [
    { name = "minute", min = 0, max = 59, value = "[0-9]{1,2}", special = "" },
    { name = "hour", min = 0, max = 23, value = "[0-9]{1,2}", special = "" },
    { name = "day of month", min = 1, max = 31, value = "[0-9]{1,2}", special = "\\?|L|LW|L-[0-9]{1,2}|[0-9]{1,2}W" },
    { name = "month", min = 1, max = 12, value = "[0-9]{1,2}|${local.cron_months}", special = "" },
    { name = "day of week", min = 1, max = 7, value = "[0-9]|${local.cron_days}", special = "\\?|L|([1-7]|${local.cron_days})(L|#[1-5])" },
    { name = "year", min = 1970, max = 2199, value = "[0-9]{4}", special = "" },
  ]

  cron_values = { for name, s in local.schedules : name => try(split(" ", replace(trimspace(regex("^cron\\((.*)\\)$", s.expression)[0]), "/\\s+/", " ")), []) }
  rate        = { for name, s in local.schedules : name => try(regex("^rate\\(([0-9]+) (minute|hour|day)(s?)\\)$", s.expression), null) }
  at          = { for name, s in local.schedules : name => try(regex("^at\\(([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\\)$", s.expression)[0], null) }

  expression_mistakes = { for name, s in local.schedules : name => (
    startswith(s.expression, "cron(") ? (
      length(local.cron_values[name]) != 6 ?
      ["has ${length(local.cron_values[name])} fields instead of six. Use cron(minutes hours day-of-month month day-of-week year), e.g. cron(0 2 * * ? *)."] :
      concat(
        [for i, field in local.cron_fields : "has an invalid ${field.name}, ${jsonencode(local.cron_values[name][i])}. Use ${field.min}-${field.max}${i == 3 ? " or JAN-DEC" : i == 4 ? " or SUN-SAT" : ""}, e.g. cron(0 2 * * ? *)." if !(
          can(regex("^(${field.special == "" ? "\\*" : field.special})$", upper(local.cron_values[name][i]))) ||
          can(regex("^((\\*|(${field.value})(-(${field.value}))?)(/[0-9]{1,4})?)(,(\\*|(${field.value})(-(${field.value}))?)(/[0-9]{1,4})?)*$", upper(local.cron_values[name][i]))) &&
          alltrue([for number in regexall("(?:^|[,-])([0-9]+)", local.cron_values[name][i]) : tonumber(number[0]) >= field.min && tonumber(number[0]) <= field.max])
        )],
        (local.cron_values[name][2] == "?") == (local.cron_values[name][4] == "?") ?
        ["sets day of month ${jsonencode(local.cron_values[name][2])} and day of week ${jsonencode(local.cron_values[name][4])}. Use ? in exactly one of them, e.g. cron(0 2 * * ? *)."] : [],
      )
    ) :
    local.rate[name] != null ? (
      tonumber(local.rate[name][0]) < 1 ? ["is not a positive rate. Use 1 or more, e.g. rate(5 minutes)."] :
      (tonumber(local.rate[name][0]) == 1) == (local.rate[name][2] == "s") ?
      ["has the wrong unit for ${local.rate[name][0]}. Use rate(${local.rate[name][0]} ${local.rate[name][1]}${tonumber(local.rate[name][0]) == 1 ? "" : "s"})."] : []
    ) :
    local.at[name] != null ? (
      can(timeadd("${local.at[name]}Z", "0s")) ? [] : ["is not a date and time. Use e.g. at(2030-01-31T02:00:00)."]
    ) :
    ["is not a schedule expression. Use cron(0 2 * * ? *), rate(1 hour) or at(2030-01-31T02:00:00)."]
  ) }

  # The form of an IANA name, https://www.iana.org/time-zones. AWS rejects a name of this form that does not exist.
  time_zone_areas         = "Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US"
  time_zones_without_area = ["UTC", "GMT", "UCT", "Zulu", "Universal", "CET", "EET", "MET", "WET", "EST", "MST", "HST", "EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT", "Japan", "Singapore", "Israel", "Turkey", "GB", "NZ"]

  schedule_mistakes = { for name, s in local.schedules : name => [for mistake in flatten([
    [for mistake in local.expression_mistakes[name] : "expression: ${jsonencode(s.expression)} ${mistake}"],

    can(regex("^(${local.time_zone_areas})(/[A-Za-z0-9_+-]+){1,2}$", s.timezone)) || contains(local.time_zones_without_area, s.timezone) ? [] :
    ["timezone: ${jsonencode(s.timezone)} is not an IANA time zone. Use e.g. \"Europe/Berlin\" or \"UTC\"."],

    try(s.flexible_window_minutes >= 1 && s.flexible_window_minutes <= 1440 && floor(s.flexible_window_minutes) == s.flexible_window_minutes, s.flexible_window_minutes == null) ? [] :
    ["flexible_window_minutes: ${s.flexible_window_minutes} is out of range. Use a whole number from 1 to 1440, or null to start on time."],

    s.retry.max_attempts >= 0 && s.retry.max_attempts <= 185 ? [] :
    ["retry.max_attempts: ${s.retry.max_attempts} is out of range. Use 0 to 185."],

    s.retry.max_age_seconds >= 60 && s.retry.max_age_seconds <= 86400 ? [] :
    ["retry.max_age_seconds: ${s.retry.max_age_seconds} is out of range. Use 60 to 86400."],

    # AWS returns them in this form. Any other spelling of the same time would be a difference in every plan.
    [for key, time in { start = s.start, end = s.end } : "${key}: ${jsonencode(time)} is not a time in UTC with whole seconds. Use e.g. 2030-01-31T00:00:00Z, not 2030-01-31T01:00:00+01:00."
    if time == null ? false : !can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", time)) || !can(timeadd(time, "0s"))],
  ]) : "schedules.${s.trigger}.${mistake}"] }
}
