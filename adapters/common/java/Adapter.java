package attachset;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The adapter protocol, for every client that runs on the JVM. */
public final class Adapter {
    /** The client under test. */
    public record About(String name, String version, String language, String runtime) {
        /** {@code http} is the HTTP client with its version, where it is not the JDK's own. */
        public static About of(String name, String version, String language, String... http) {
            String jdk = "JDK " + System.getProperty("java.version");
            String runtime = Stream.concat(Stream.of(jdk), Stream.of(http)).collect(Collectors.joining(", "));
            return new About(name, version, language, runtime);
        }
    }

    /** How to drive it. */
    public interface Client {
        /** The operations that it can call. */
        Collection<String> operations();

        /** The input members and needs that it cannot express. */
        Set<String> lacks();

        /** Sets it up. */
        Connection connect(Settings settings) throws Exception;

        /** What its public API says about its error; without a kind, the error is not its own. */
        Failure explain(Throwable error);
    }

    /** The client, set up; it stays until a call has other settings. */
    public interface Connection extends AutoCloseable {
        /** The output is made of what JSON has: maps without nulls, lists, strings, numbers, booleans. */
        Object send(String operation, JsonObject input) throws Throwable;

        @Override
        default void close() {}
    }

    /** What a client is set up with. */
    public record Settings(
            String endpoint, String region, Credentials credentials, int maxAttempts, long timeoutMs) {}

    /** {@code sessionToken} is null where the credentials are not temporary. */
    public record Credentials(String accessKeyId, String secretAccessKey, String sessionToken) {}

    /** A failed call; what is null is not known. */
    public record Failure(String kind, Object code, Object message, Integer status, String requestId) {
        public static Failure of(String kind, Throwable error) {
            return new Failure(kind, null, withCauses(error), null, null);
        }
    }

    /** Thrown for what the client has no way to express. */
    public static final class Unsupported extends RuntimeException {
        public Unsupported(String message) {
            super(message);
        }
    }

    private record Answer(String id, Object output, Failure error, String unsupported) {}

    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    private final Client client;
    private Settings settings;
    private Connection connection;

    private Adapter(Client client) {
        this.client = client;
    }

    /** Answers calls until standard input ends. */
    public static void serve(About about, Client client) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err); // standard output is for answers
        Adapter adapter = new Adapter(client);
        BufferedReader calls = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line; (line = calls.readLine()) != null; ) {
            JsonObject call = JsonParser.parseString(line).getAsJsonObject();
            Object answer;
            if (call.has("protocol")) {
                adapter.warmUp();
                answer = Map.of("protocol", 1, "client", about, "operations", client.operations());
            } else {
                answer = adapter.answer(call);
            }
            answers.println(ascii(GSON.toJson(answer)));
        }
        System.exit(0); // what a client left running does not hold the process
    }

    /** Two calls to a server of its own, so that no later call waits for classes to load. */
    private void warmUp() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        AtomicInteger status = new AtomicInteger(200);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(status.getAndSet(400), 2);
            exchange.getResponseBody().write("{}".getBytes(UTF_8));
            exchange.close();
        });
        server.start();
        Credentials keys = new Credentials("warm", "up", null);
        String endpoint = "http://127.0.0.1:" + server.getAddress().getPort();
        JsonObject input = JsonParser.parseString("{'attachments': [{'fileName': 'a', 'data': 'AQ=='}]}")
                .getAsJsonObject();
        try (Connection warm = client.connect(new Settings(endpoint, "us-east-1", keys, 1, 10_000))) {
            for (int call = 0; call < 2; call++) {
                try {
                    warm.send("AddAttachmentsToSet", input);
                } catch (Throwable error) {
                    client.explain(error);
                }
            }
        } catch (Exception error) {
            error.printStackTrace(); // the calls to come will meet it as well
        }
        server.stop(0);
    }

    private Answer answer(JsonObject call) {
        String id = call.get("id").getAsString();
        String operation = call.has("operation") ? call.get("operation").getAsString() : "AddAttachmentsToSet";
        JsonObject input = call.getAsJsonObject("input");
        JsonArray needs = call.has("needs") ? call.getAsJsonArray("needs") : new JsonArray();
        try {
            if (!client.operations().contains(operation)) {
                throw new Unsupported("this client has no " + operation);
            }
            for (String lacking : client.lacks()) {
                if (input.has(lacking) || needs.contains(new JsonPrimitive(lacking))) {
                    throw new Unsupported("this client has no " + lacking);
                }
            }
            connect(GSON.fromJson(call, Settings.class));
            return new Answer(id, connection.send(operation, input), null, null);
        } catch (Unsupported lacking) {
            return new Answer(id, null, null, lacking.getMessage());
        } catch (Throwable error) {
            error.printStackTrace();
            Failure explained = client.explain(error);
            return new Answer(id, null, explained != null ? explained : Failure.of("unexpected", error), null);
        }
    }

    private void connect(Settings wanted) throws Exception {
        if (wanted.equals(settings)) {
            return;
        }
        if (connection != null) {
            connection.close();
        }
        settings = null;
        connection = client.connect(wanted);
        settings = wanted;
    }

    /** The methods of an SDK's client that make a request of its operation, by the operation. */
    public static Map<String, Method> operations(Class<?> client) {
        return Stream.of(client.getMethods())
                .filter(method -> method.getParameterCount() == 1
                        && method.getParameterTypes()[0].getSimpleName().equals(upper(method.getName()) + "Request"))
                .collect(Collectors.toMap(method -> upper(method.getName()), method -> method));
    }

    /** Calls such a method. */
    public static Object invoke(Method method, Object client, Object request) throws Throwable {
        try {
            return method.invoke(client, request);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
        }
    }

    /** A JSON value as an SDK wants it, where it needs no types of its own. */
    public static Object scalar(Type type, JsonElement value) {
        try {
            // Gson would cut a number that is too large.
            return type == Integer.class ? value.getAsBigDecimal().intValueExact() : GSON.fromJson(value, type);
        } catch (JsonParseException | ArithmeticException error) {
            throw new Unsupported("this client cannot take the input: " + error.getMessage());
        }
    }

    public static String upper(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    public static String lower(String name) {
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    /** A value of an SDK as JSON has it, where {@code structure} takes its structures apart. */
    public static Object plain(Object value, Function<Object, Object> structure) {
        if (value instanceof List<?> list) {
            return list.stream().map(element -> plain(element, structure)).collect(Collectors.toList());
        }
        if (value instanceof byte[] data) {
            return Base64.getEncoder().encodeToString(data);
        }
        if (value instanceof Double number && !Double.isFinite(number)) {
            return number.toString();
        }
        return value == null || value instanceof String || value instanceof Number || value instanceof Boolean
                ? value
                : structure.apply(value);
    }

    /** An error and what caused it, outermost first. */
    public static Stream<Throwable> causes(Throwable error) {
        return Stream.iterate(error, cause -> cause != null, Throwable::getCause).limit(20);
    }

    /** Whether an error or one of its causes is of one of these classes. */
    public static boolean isCausedBy(Throwable error, Class<?>... classes) {
        return causes(error).anyMatch(cause -> Stream.of(classes).anyMatch(sort -> sort.isInstance(cause)));
    }

    /** Whether an error shows a mistake of the client's, and none of reading JSON or text. */
    public static boolean isMistake(Throwable error) {
        return error instanceof Error
                || error instanceof NullPointerException
                || error instanceof ClassCastException
                || error instanceof IndexOutOfBoundsException
                || error instanceof IllegalStateException
                || error instanceof UnsupportedOperationException
                || error instanceof IllegalArgumentException
                        && !(error instanceof NumberFormatException)
                        && !isOfBase64(error);
    }

    /** Whether Java's decoder refused text as no base64. */
    private static boolean isOfBase64(Throwable error) {
        return Stream.of(error.getStackTrace())
                .limit(1)
                .anyMatch(frame -> frame.getClassName().startsWith("java.util.Base64$"));
    }

    /** Whether a time-out caused an error: Java, Apache and Netty all name their classes so. */
    public static boolean timedOut(Throwable error) {
        return causes(error).anyMatch(cause -> cause.getClass().getSimpleName().contains("Timeout"));
    }

    private static String withCauses(Throwable error) {
        return causes(error).map(Throwable::toString).reduce((one, next) -> one + ": " + next).orElse("");
    }

    /** JSON in ASCII: half of a surrogate pair, which a string may hold, has no form in UTF-8. */
    private static String ascii(String json) {
        StringBuilder out = new StringBuilder(json.length());
        json.chars().forEach(unit -> {
            if (unit < 0x80) {
                out.append((char) unit);
            } else {
                out.append(String.format("\\u%04x", unit));
            }
        });
        return out.toString();
    }
}
