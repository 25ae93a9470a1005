output "check" {
  description = "What the walk needs of the deployment."
  value = {
    bucket         = aws_s3_bucket.data.bucket
    client_id      = aws_cognito_user_pool_client.page.id
    inbox_url      = aws_sqs_queue.inbox.url
    function_names = module.relay.function_names
    log_groups     = module.relay.log_group_names
    statement_role = module.relay.statement_role
    websocket_url  = module.relay.websocket_url
    ticket_url     = module.relay.ticket_url
    console_url    = module.relay.console_url
    page_policy    = module.relay.console.content_security_policy
  }
}
