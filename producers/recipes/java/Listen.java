import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.msgpack.jackson.dataformat.MessagePackFactory;

/**
 * Hear who connects, what they do, who is at which document, and what happens there. Arguments:
 * topic patterns of documents, such as article.#
 */
public class Listen {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper MSGPACK = new ObjectMapper(new MessagePackFactory());
    private static final List<String> CLIENTS = List.of("connect.#", "receive.#", "disconnect.#");
    private static final Map<String, Set<String>> HERE = new HashMap<>();

    /** What a browser's connection does: schemas/messages.py. */
    static void client(JsonNode message) {
        String connection = message.path("connection").asText();
        switch (message.path("kind").asText()) {
            case "connect" -> tell("connect", connection, message.get("user").asText());
            case "disconnect" -> tell("disconnect", connection, message.get("cause").asText());
            case "acts" -> message.get("acts").forEach(act -> act(message, act));
            default -> { } // a newer gateway's
        }
    }

    private static void act(JsonNode message, JsonNode act) {
        String connection = act.get("connection").asText();
        if (!connection.isEmpty()) { // else the gateway itself asks
            tell("receive", connection, message.get("document").asText(), act.get("kind").asText());
        }
    }

    /** What everybody at a document is told: docs/protocol.md. */
    static void document(JsonNode frame) {
        String document = frame.path("document").asText();
        switch (frame.path("type").asText()) {
            case "event" -> tell("event", document, frame.at("/event/type").asText());
            case "presence" -> presence(document, frame);
            default -> { } // a reset: fetch the document anew
        }
    }

    private static void presence(String document, JsonNode frame) {
        Set<String> before = HERE.getOrDefault(document, Set.of());
        Set<String> now = new HashSet<>(frame.get("full").asBoolean() ? Set.of() : before);
        frame.get("users").forEach(user -> now.add(user.get("id").asText()));
        frame.get("left").forEach(user -> now.remove(user.asText()));
        now.stream().filter(user -> !before.contains(user)).forEach(u -> tell("joined", document, u));
        before.stream().filter(user -> !now.contains(user)).forEach(u -> tell("left", document, u));
        HERE.put(document, now);
    }

    private static void tell(String... words) {
        System.out.println(String.join(" ", words));
    }

    private static void hear(Channel channel, Delivery delivery) throws IOException {
        boolean clients = delivery.getEnvelope().getExchange().equals("hub.clients");
        try {
            if (clients) {
                client(MSGPACK.readTree(delivery.getBody()));
            } else {
                document(JSON.readTree(delivery.getBody()));
            }
        } catch (JsonProcessingException | RuntimeException error) {
            error.printStackTrace(); // thrown on, it would close the channel and leave us deaf
        }
        channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
    }

    public static void main(String[] arguments) throws Exception {
        ConnectionFactory factory = new ConnectionFactory(); // it reconnects, and declares again
        factory.setUri(System.getenv("PRESENTLY_URL"));
        Connection connection = factory.newConnection("listen");
        Channel channel = connection.createChannel();
        String queue = channel.queueDeclare("", false, true, true, Map.of("x-queue-type", "classic"))
                .getQueue();
        for (String key : CLIENTS) {
            channel.queueBind(queue, "hub.clients", key);
        }
        for (String key : arguments) {
            channel.queueBind(queue, "hub.events", key);
        }
        channel.basicQos(256);
        channel.basicConsume(queue, (tag, delivery) -> hear(channel, delivery), tag -> { });
        tell("listening");
    }
}
