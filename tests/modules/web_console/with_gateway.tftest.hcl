mock_provider "aws" {
  source = "./mocks"
}

# One mock cannot be both a WebSocket API and an HTTP API.
override_resource {
  target = module.gateway.aws_apigatewayv2_api.tickets
  values = { id = "def456", api_endpoint = "https://def456.execute-api.us-east-1.amazonaws.com", execution_arn = "arn:aws:execute-api:us-east-1:123456789012:def456" }
}

run "page_and_gateway_name_each_other" {
  command = apply

  module {
    source = "./fixtures/console_and_gateway"
  }

  assert {
    condition     = output.config.endpoint == output.websocket_url && output.config.ticket_url == "https://def456.execute-api.us-east-1.amazonaws.com/v1/ticket"
    error_message = "the page does not find the gateway"
  }
}
