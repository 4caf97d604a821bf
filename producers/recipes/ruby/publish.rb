# Publish events to Presently, each confirmed: one JSON object a line, such as
# {"document": ["article", "42"], "type": "comment.added", "data": {"text": "nice"}}
require "bunny"
require "json"
require "securerandom"
require "time"
require "zlib"

WORD = /(?:[A-Za-z0-9_~-]|%[0-9A-F]{2}){1,80}/
DOCUMENT = /\A#{WORD}(?:\.#{WORD}){1,4}\z/

# Join plain words to a document id: document_id("page", "a/b") is page.a%2Fb.
def document_id(*words)
  encoded = words.map { |word| word.b.gsub(/[^A-Za-z0-9_~-]/n) { |byte| format("%%%02X", byte.ord) } }
  encoded[-1] = "%7E" if encoded.last == "~" # page.~ is the list of page
  encoded.join(".")
end

def routing_key(document)
  format(":%02d.%s", Zlib.crc32(document) % 16, document)
end

# The CloudEvent of a line; repeating an event under the same id is harmless.
def event_of(line)
  document = line.delete("document")
  subject = document.is_a?(Array) ? document_id(*document) : document
  raise ArgumentError, "no document id: #{subject}" unless subject.size <= 200 && DOCUMENT.match?(subject)

  {
    "specversion" => "1.0", "id" => SecureRandom.uuid, "source" => "/recipes/ruby",
    "time" => Time.now.utc.iso8601(6)
  }.merge(line, "subject" => subject)
end

def publish(channel, event)
  key = routing_key(event["subject"])
  channel.basic_publish(JSON.generate(event), "hub.in", key,
                        content_type: "application/cloudevents+json", persistent: true)
  channel.wait_for_confirms or raise "not confirmed: #{event["id"]}" # or once, after many
  puts "#{event["id"]} #{key}"
end

connection = Bunny.new(ENV.fetch("PRESENTLY_URL"), continuation_timeout: 5_000, log_file: $stderr).start
channel = connection.create_channel
channel.confirm_select
$stdout.sync = true
$stdin.set_encoding(Encoding::UTF_8).each_line { |line| publish(channel, event_of(JSON.parse(line))) }
connection.close
