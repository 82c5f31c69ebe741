require "aws-sdk"
require "uri"
require_relative "../common/ruby/adapter"

SNAKE = ->(name) { name.gsub(/[A-Z]/) { "_#{_1.downcase}" }.delete_prefix("_").to_sym }
CAMEL = ->(name) { name.to_s.gsub(/_(.)/) { $1.upcase } }

# The client's names for those of the service model.
options = lambda do |value|
  case value
  when Hash then value.to_h { |name, member| [SNAKE.(name.to_s), options.(member)] }
  when Array then value.map(&options)
  else value
  end
end

# And back, with base64 for the one member that has bytes.
members = lambda do |value|
  case value
  when Hash
    value.to_h do |name, member|
      [CAMEL.(name), name == :data && member.is_a?(String) ? [member].pack("m0") : members.(member)]
    end
  when Array then value.map(&members)
  else value
  end
end

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

  lambda do |operation, input|
    members.(client.public_send(SNAKE.(operation), options.(input)).data)
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
  operations: AWS::Support::Client::V20130415.instance_methods(false).map { CAMEL.("_#{_1}") }.sort,
  lacks: %w[dryRun uploadIds],
  connect: connect,
  explain: explain,
)
