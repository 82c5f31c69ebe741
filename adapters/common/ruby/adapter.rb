# The adapter protocol, for every client written in Ruby.

require "json"
require "net/http"
require "openssl"
require "zlib"

module Adapter
  ANSWERS = $stdout.dup
  $stdout.reopen($stderr) # standard output is for answers

  # A text that the client marks as none: it has not hidden what is wrong with it.
  NO_TEXT = "this client returns bytes that are no text, which the adapter protocol cannot carry"

  # What a client has no way to express; raised by connect.
  class Unsupported < StandardError; end

  # Answers calls until standard input ends.
  #
  # - operations: what the client can call
  # - connect: makes the client from the settings, as a lambda from an operation and
  #   its input to its output
  # - lacks: what the client cannot express or be told, such as "dryRun"
  # - explain: what the client's public API says about its error, or nil for an
  #   error that is not the client's own
  def self.serve(name:, version:, operations:, lacks:, connect:, explain:)
    settings = send = nil
    $stdin.set_encoding("UTF-8").each_line do |line|
      call = JSON.parse(line, symbolize_names: true)
      if call[:protocol]
        client = { name: name, version: version, language: "ruby", runtime: "Ruby #{RUBY_VERSION}" }
        say(protocol: 1, client: client, operations: operations)
        next
      end

      id, operation, input, needs = %i[id operation input needs].map { |member| call.delete(member) }
      operation ||= "AddAttachmentsToSet"
      lacking = lacks.find { |it| input.key?(it.to_sym) || needs&.include?(it) }
      lacking = operation unless operations.include?(operation)
      if lacking
        say(id: id, unsupported: "this client has no #{lacking}")
        next
      end

      outcome =
        begin
          settings, send = call, connect.(call) if settings != call
          output = without_nils(send.(operation, with_bytes(input)))
          text?(output) ? { output: output } : { unsupported: NO_TEXT }
        rescue Unsupported => lacking
          { unsupported: lacking.message }
        rescue StandardError, ScriptError, SystemStackError => error
          { error: describe(error, explain.(error)).compact }
        end
      say(id: id, **outcome)
    end
  end

  def self.describe(error, explained)
    return { message: error.message, **explained } if explained
    kind = language_kind(error)
    return { message: error.message, kind: kind } if kind
    warn error.full_message(highlight: false) # with where it comes from
    # With its class, which tells what sort of mistake it is.
    { message: "#{error.class}: #{error.message}", kind: "unexpected" }
  end

  # The kind of one of Ruby's own errors, as the table in adapters/README.md has
  # it; nil for what shows a mistake.
  def self.language_kind(error)
    case error
    when Timeout::Error, Errno::ETIMEDOUT
      "timeout"
    when SocketError, SystemCallError, IOError, OpenSSL::SSL::SSLError,
         Net::ProtocolError, Net::HTTPBadResponse, Net::HTTPHeaderSyntaxError
      "transport"
    when JSON::ParserError, EncodingError, Zlib::Error
      "decode"
    when ArgumentError
      "decode" if error.message.start_with?("invalid byte sequence")
    end
  end

  def self.text?(value)
    case value
    when Hash then value.each_value.all? { |it| text?(it) }
    when Array then value.all? { |it| text?(it) }
    when String then value.dup.force_encoding("UTF-8").valid_encoding?
    else true
    end
  end

  def self.without_nils(value)
    case value
    when Hash then value.compact.transform_values { |it| without_nils(it) }
    when Array then value.map { |it| without_nils(it) }
    else value
    end
  end

  def self.with_bytes(input)
    input[:attachments]&.each do |attachment|
      attachment[:data] &&= attachment[:data].unpack1("m0")
    end
    input
  end

  # Text that the client took from an answer may be marked as bytes; a number may
  # be NaN, which Ruby reads and JSON has not.
  def self.say(answer)
    text = ->(value) do
      case value
      when Hash then value.to_h { |name, member| [text.(name), text.(member)] }
      when Array then value.map(&text)
      when String then value.dup.force_encoding("UTF-8").scrub
      when Float then value.finite? ? value : value.to_s
      else value
      end
    end
    ANSWERS.puts(JSON.generate(text.(answer), max_nesting: 0))
    ANSWERS.flush
  end
end
