# Hear who connects, what they do, who is at which document, and what happens there.
# Arguments: topic patterns of documents, such as article.#
require "bunny"
require "json"
require "msgpack"
require "set"

HERE = Hash.new { |_, _| Set.new }

# What a browser's connection does: schemas/messages.py.
def client(message)
  case message["kind"]
  when "connect" then puts "connect #{message["connection"]} #{message["user"]}"
  when "disconnect" then puts "disconnect #{message["connection"]} #{message["cause"]}"
  when "acts"
    message["acts"].each do |act|
      next if act["connection"].empty? # the gateway itself asks

      puts "receive #{act["connection"]} #{message["document"]} #{act["kind"]}"
    end
  end
end

# What everybody at a document is told: docs/protocol.md.
def document(frame)
  case frame["type"]
  when "event" then puts "event #{frame["document"]} #{frame["event"]["type"]}"
  when "presence" then presence(frame["document"], frame)
  end
end

def presence(document, frame)
  before = HERE[document]
  now = (frame["full"] ? Set.new : before) + frame["users"].map { |user| user["id"] } - frame["left"]
  (now - before).each { |user| puts "joined #{document} #{user}" }
  (before - now).each { |user| puts "left #{document} #{user}" }
  HERE[document] = now
end

connection = Bunny.new(ENV.fetch("PRESENTLY_URL"), log_file: $stderr).start # it reconnects, and declares again
channel = connection.create_channel
channel.prefetch(256)
queue = channel.queue("", exclusive: true, arguments: { "x-queue-type" => "classic" })
%w[connect.# receive.# disconnect.#].each { |key| queue.bind("hub.clients", routing_key: key) }
ARGV.each { |key| queue.bind("hub.events", routing_key: key) }
$stdout.sync = true
queue.subscribe(manual_ack: true) do |delivery, _, body|
  delivery.exchange == "hub.clients" ? client(MessagePack.unpack(body)) : document(JSON.parse(body))
  channel.ack(delivery.delivery_tag)
end
puts "listening"
sleep # `block: true` would return when the connection is gone, before Bunny has made a new one
