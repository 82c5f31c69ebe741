# The adapter protocol, for every client written in Ruby.

require "json"

module Adapter
  ANSWERS = $stdout.dup
  $stdout.reopen($stderr) # standard output is for answers

  # What a client has no way to express; raised by connect.
  class Unsupported < StandardError; end

  # Answers calls until standard input ends.
  #
  # - connect: makes the client from the settings, as a lambda from input to output
  # - explain: what the client's public API says about its error, or nil for an
  #   error that is not the client's own
  def self.serve(name:, version:, lacks:, connect:, explain:)
    settings = send = nil
    $stdin.set_encoding("UTF-8").each_line do |line|
      call = JSON.parse(line, symbolize_names: true)
      if call[:protocol]
        say(protocol: 1, client: { name: name, version: version, language: "ruby" })
        next
      end

      id, input = call.delete(:id), call.delete(:input)
      if (lacking = lacks.find { |member| input.key?(member) })
        say(id: id, unsupported: "this client has no #{lacking}")
        next
      end

      begin
        settings, send = call, connect.(call) if settings != call
        say(id: id, output: send.(with_bytes(input)).compact)
      rescue Unsupported => lacking
        say(id: id, unsupported: lacking.message)
      rescue StandardError, ScriptError => error
        explained = explain.(error) || { kind: "unexpected" }
        say(id: id, error: { message: error.message, **explained }.compact)
      end
    end
  end

  def self.with_bytes(input)
    input[:attachments]&.each do |attachment|
      attachment[:data] &&= attachment[:data].unpack1("m0")
    end
    input
  end

  # Text that the client took from an answer may be marked as bytes.
  def self.say(answer)
    text = ->(value) do
      case value
      when Hash then value.transform_values(&text)
      when String then value.dup.force_encoding("UTF-8").scrub
      else value
      end
    end
    ANSWERS.puts(JSON.generate(text.(answer)))
    ANSWERS.flush
  end
end
