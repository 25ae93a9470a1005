# What is wrong with each load, so that a plan rejects what Redshift, or a run, would reject.
locals {
  sqls = { for name, load in var.loads : name => concat(load.sql == null ? [] : [load.sql], load.statements == null ? [] : load.statements) }

  # SQL without string literals, quoted names, comments and dollar-quoted bodies, in which neither a semicolon nor a colon is syntax.
  bare_sqls = { for name, sqls in local.sqls : name => [for sql in sqls : replace(sql, "/(?s:\\$\\$.*?\\$\\$)|'(?:[^']|'')*'|\"[^\"]*\"|--[^\\n]*|(?s:\\/\\*.*?\\*\\/)/", " ")] }

  # `::` is a cast.
  used_parameters = { for name, sqls in local.bare_sqls : name => sort(distinct(flatten([for sql in sqls : regexall("(?:^|[^:\\w]):([A-Za-z_][A-Za-z0-9_]*)", sql)]))) }

  # What each trigger gives a value to, in addition to the fixed values.
  given_parameters = { for name, load in var.loads : name => merge(
    { for trigger in keys(load.schedules) : "schedules.${trigger}" => ["scheduled_time"] },
    { for trigger, event in load.events : "events.${trigger}" => keys(event.parameters) },
    { for predecessor in distinct(load.after) : "after ${predecessor}" => ["scheduled_time"] },
    load.files == null ? {} : { files = ["manifest"] },
  ) }

  # Predecessors of predecessors, one more level each. A load that precedes itself never comes to an end.
  after_1  = { for name, load in var.loads : name => load.after }
  after_2  = { for name, loads in local.after_1 : name => distinct(flatten([for one in loads : lookup(local.after_1, one, [])])) }
  after_3  = { for name, loads in local.after_2 : name => distinct(flatten([for one in loads : lookup(local.after_1, one, [])])) }
  after_4  = { for name, loads in local.after_3 : name => distinct(flatten([for one in loads : lookup(local.after_1, one, [])])) }
  after_5  = { for name, loads in local.after_4 : name => distinct(flatten([for one in loads : lookup(local.after_1, one, [])])) }
  after_6  = { for name, loads in local.after_5 : name => distinct(flatten([for one in loads : lookup(local.after_1, one, [])])) }
  after_7  = { for name, loads in local.after_6 : name => distinct(flatten([for one in loads : lookup(local.after_1, one, [])])) }
  after_8  = { for name, loads in local.after_7 : name => distinct(flatten([for one in loads : lookup(local.after_1, one, [])])) }
  after_9  = { for name, loads in local.after_8 : name => distinct(flatten([for one in loads : lookup(local.after_1, one, [])])) }
  after_10 = { for name, loads in local.after_9 : name => distinct(flatten([for one in loads : lookup(local.after_1, one, [])])) }
  after_11 = { for name, loads in local.after_10 : name => distinct(flatten([for one in loads : lookup(local.after_1, one, [])])) }

  all_before = { for name in keys(var.loads) : name => distinct(concat(
    local.after_1[name], local.after_2[name], local.after_3[name], local.after_4[name], local.after_5[name],
    local.after_6[name], local.after_7[name], local.after_8[name], local.after_9[name], local.after_10[name],
  )) }

  sql_mistakes = { for name, load in var.loads : name => flatten([
    (load.sql == null) == (load.statements == null) ? ["sql: ${load.sql == null ? "neither sql nor statements is set" : "sql and statements are both set"}. Set either sql (one statement) or statements (one transaction)."] : [],

    load.statements == null ? [] : length(load.statements) >= 1 && length(load.statements) <= 40 ? [] :
    ["statements: has ${length(load.statements)} statements. Use 1 to 40."],

    [for i, sql in local.sqls[name] : [
      length(trimspace(local.bare_sqls[name][i])) > 0 ? [] :
      ["${load.sql == null ? "statements[${i}]" : "sql"}: is empty. Use one SQL statement, e.g. CALL public.execute_elt_process()."],

      can(regex(";\\s*\\S", local.bare_sqls[name][i])) ?
      ["${load.sql == null ? "statements[${i}]" : "sql"}: contains several statements. Use one statement, e.g. a CALL of a stored procedure that runs them${load.sql == null ? "" : ", or statements = [...]"}."] : [],

      # The Data API accepts 100,000 bytes. length() counts characters, and Base64 encodes 3 bytes as 4.
      length(replace(base64encode(sql), "=", "")) <= ceil(100000 * 4 / 3) ? [] :
      ["${load.sql == null ? "statements[${i}]" : "sql"}: exceeds the 100 KB that the Redshift Data API accepts. Move it into a stored procedure and CALL that."],

      can(regex("(?is)\\bCOPY\\b[^;]*\\bFROM\\s+:\\w", local.bare_sqls[name][i])) ?
      ["${load.sql == null ? "statements[${i}]" : "sql"}: COPY takes no parameters. Build the statement in a stored procedure and CALL that: EXECUTE 'COPY t FROM ' || quote_literal(manifest) || ' IAM_ROLE default MANIFEST CSV'."] : [],
    ]],

    # A definition is one item of the table, next to which its state must fit into DynamoDB's 400 KB.
    length(replace(base64encode(local.definitions[name]), "=", "")) <= ceil(350000 * 4 / 3) ? [] :
    ["statements: the load exceeds 350 KB. Move SQL into stored procedures and CALL those."],
  ]) }

  parameter_mistakes = { for name, load in var.loads : name => flatten([
    load.statements == null ? [] : [
      for parameter in local.used_parameters[name] : "statements: contain the parameter :${parameter}, but a transaction of several statements takes none. CALL a stored procedure in sql instead."
    ],

    [for parameter, value in load.parameters : "parameters.${parameter}: the SQL does not contain :${parameter}. Remove it, or use it." if !contains(local.used_parameters[name], parameter)],
    [for parameter, value in load.parameters : "parameters.${parameter}: is empty, which the Redshift Data API rejects. Use at least one character." if value == ""],
    [for parameter, value in load.parameters : "parameters.${parameter}: is not a fixed value. The ${parameter == "manifest" ? "files" : "schedule"} give it its value." if contains(["manifest", "scheduled_time"], parameter)],

    [for trigger, event in load.events : [for parameter, path in event.parameters : [
      contains(local.used_parameters[name], parameter) ? [] :
      ["events.${trigger}.parameters.${parameter}: the SQL does not contain :${parameter}. Remove it, or use it."],

      can(regex("^\\$(\\.[A-Za-z_][A-Za-z0-9_-]*|\\[[0-9]+\\])+$", path)) ? [] :
      ["events.${trigger}.parameters.${parameter}: ${jsonencode(path)} is not a path. Use names and indexes, e.g. \"$.detail.items[0].day\"."],
    ]]],

    load.statements != null ? [] : [for parameter in local.used_parameters[name] : [for trigger, given in local.given_parameters[name] :
      "${trigger}: gives no value to :${parameter}, which the SQL contains. Set parameters.${parameter}${startswith(trigger, "events.") ? " or ${trigger}.parameters.${parameter}" : ""}, or take it out of the SQL."
    if !contains(concat(given, keys(load.parameters)), parameter)]],
  ]) }

  trigger_mistakes = { for name, load in var.loads : name => flatten([
    [for trigger, event in load.events : "events.${trigger}.pattern: is not a JSON object. Use e.g. jsonencode({ source = [\"dbt\"] })." if !can(keys(jsondecode(event.pattern))) || try(length(jsondecode(event.pattern)), 0) == 0],

    [for one in load.after : "after: ${jsonencode(one)} is not a load. Use ${join(", ", [for other in keys(var.loads) : jsonencode(other) if other != name])}." if !contains(keys(var.loads), one)],
    length(distinct(load.after)) == length(load.after) ? [] : ["after: names a load twice. Name each once."],

    contains(local.all_before[name], name) ? ["after: the load comes after itself, by way of ${join(", ", [for one in local.all_before[name] : jsonencode(one) if contains(lookup(local.all_before, one, []), name)])}. Remove one of them from after."] :
    length(local.after_11[name]) > 0 ? ["after: has more than ten levels. Shorten the chain, e.g. by a stored procedure that does several steps."] : [],
  ]) }

  bound_mistakes = { for name, load in var.loads : name => flatten([
    contains(["latest", "queue"], load.overlap) ? [] : ["overlap: ${jsonencode(load.overlap)} is not supported. Use \"latest\" or \"queue\"."],

    load.timeout_minutes >= 1 && load.timeout_minutes <= 1440 && floor(load.timeout_minutes) == load.timeout_minutes ? [] :
    ["timeout_minutes: ${load.timeout_minutes} is out of range. Use a whole number from 1 to 1440."],

    load.retries >= 0 && load.retries <= 10 && floor(load.retries) == load.retries ? [] :
    ["retries: ${load.retries} is out of range. Use a whole number from 0 to 10."],
  ]) }

  load_mistakes = { for name in keys(var.loads) : name => [for mistake in concat(
    flatten([for key, schedule in local.schedules : local.schedule_mistakes[key] if schedule.load == name]),
    local.sql_mistakes[name], local.parameter_mistakes[name], local.trigger_mistakes[name], local.bound_mistakes[name], local.file_mistakes[name], local.alarm_mistakes[name],
  ) : "loads.${name}.${mistake}"] }
}
