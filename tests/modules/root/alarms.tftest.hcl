mock_provider "aws" {
  source = "./mocks"
}

run "alarms_go_to_the_own_topic" {
  command = apply

  module {
    source = "./fixtures/own_topic"
  }

  assert {
    condition     = output.topic_arn != null
    error_message = "there is no topic"
  }
}
