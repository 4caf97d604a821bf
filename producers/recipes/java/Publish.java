import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * Publish events to Presently, each confirmed: one JSON object a line, such as
 * {"document": ["article", "42"], "type": "comment.added", "data": {"text": "nice"}}
 */
public class Publish {
    private static final String WORD = "(?:[A-Za-z0-9_~-]|%[0-9A-F]{2}){1,80}";
    private static final Pattern DOCUMENT = Pattern.compile(WORD + "(?:\\." + WORD + "){1,4}");
    private static final String PLAIN = "[A-Za-z0-9_~-]";
    private static final int CONFIRM_MS = 5_000;
    private static final BasicProperties PROPERTIES = new BasicProperties.Builder()
            .contentType("application/cloudevents+json").deliveryMode(2).build();
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Join plain words to a document id: ("page", "a/b") is page.a%2Fb. */
    static String documentId(List<String> words) {
        List<String> encoded = new ArrayList<>(words.stream().map(Publish::encode).toList());
        int last = encoded.size() - 1;
        if (last >= 0 && encoded.get(last).equals("~")) {
            encoded.set(last, "%7E"); // page.~ is the list of page
        }
        return String.join(".", encoded);
    }

    private static String encode(String word) {
        StringBuilder encoded = new StringBuilder();
        for (byte each : word.getBytes(StandardCharsets.UTF_8)) {
            String plain = String.valueOf((char) (each & 0xff));
            encoded.append(plain.matches(PLAIN) ? plain : String.format("%%%02X", each));
        }
        return encoded.toString();
    }

    static String routingKey(String document) {
        CRC32 sum = new CRC32();
        sum.update(document.getBytes(StandardCharsets.US_ASCII));
        return String.format(":%02d.%s", sum.getValue() % 16, document);
    }

    /** The CloudEvent of a line; repeating an event under the same id is harmless. */
    static ObjectNode eventOf(ObjectNode line) {
        JsonNode document = line.remove("document");
        List<String> words = new ArrayList<>();
        document.forEach(word -> words.add(word.asText()));
        String subject = document.isTextual() ? document.asText() : documentId(words);
        if (subject.length() > 200 || !DOCUMENT.matcher(subject).matches()) {
            throw new IllegalArgumentException("no document id: " + subject);
        }
        ObjectNode event = JSON.createObjectNode().put("specversion", "1.0")
                .put("id", UUID.randomUUID().toString()).put("source", "/recipes/java")
                .put("time", Instant.now().toString());
        event.setAll(line);
        return event.put("subject", subject);
    }

    static void publish(Channel channel, ObjectNode event)
            throws IOException, InterruptedException, TimeoutException {
        String key = routingKey(event.get("subject").asText());
        channel.basicPublish("hub.in", key, PROPERTIES, JSON.writeValueAsBytes(event));
        channel.waitForConfirmsOrDie(CONFIRM_MS); // many at once? wait once, after all of them
        System.out.println(event.get("id").asText() + " " + key);
    }

    public static void main(String[] arguments) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(System.getenv("PRESENTLY_URL"));
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Connection connection = factory.newConnection("publish");
        try {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            for (String line; (line = lines.readLine()) != null; ) {
                publish(channel, eventOf((ObjectNode) JSON.readTree(line)));
            }
        } finally {
            connection.abort(CONFIRM_MS); // close() would wait on for a broker that says nothing
        }
    }
}
