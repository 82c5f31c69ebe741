require "aws-sdk"
require "uri"
require_relative "../common/ruby/adapter"

connect = lambda do |settings|
  endpoint = URI(settings[:endpoint])
  raise Adapter::Unsupported, "this client takes no path in its endpoint" unless endpoint.path.empty?
  keys = settings[:credentials]
  seconds = settings[:timeoutMs] / 1000.0
  client = AWS::Support::Client.new(
    access_key_id: keys[:accessKeyId],
    secret_access_key: keys[:secretAccessKey],
    session_token: keys[:sessionToken],
    endpoint: endpoint.host,
    port: endpoint.port,
    use_ssl: endpoint.scheme == "https",
    region: settings[:region],
    max_retries: settings[:maxAttempts] - 1,
    http_open_timeout: seconds,
    http_read_timeout: seconds,
  )

  lambda do |input|
    attachments = input[:attachments]&.map do |attachment|
      { file_name: attachment[:fileName], data: attachment[:data] }.compact
    end
    options = { attachment_set_id: input[:attachmentSetId], attachments: attachments }
    answer = client.add_attachments_to_set(options.compact)
    { attachmentSetId: answer[:attachment_set_id], expiryTime: answer[:expiry_time] }
  end
end

explain = lambda do |error|
  case error
  when AWS::Errors::Base
    { kind: "service", code: error.code, status: error.http_response.status }
  when ArgumentError # it refuses an input with Ruby's own
    { kind: "client" } if error.backtrace.first.include?("/option_grammar.rb:")
  end
end

Adapter.serve(
  name: "aws-sdk-ruby",
  version: AWS::VERSION,
  lacks: ["dryRun"],
  connect: connect,
  explain: explain,
)
