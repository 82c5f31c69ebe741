import attachset.Adapter;
import attachset.Adapter.Connection;
import attachset.Adapter.Failure;
import attachset.Adapter.Settings;
import attachset.Adapter.Unsupported;
import com.amazonaws.AmazonClientException;
import com.amazonaws.AmazonServiceException;
import com.amazonaws.ClientConfiguration;
import com.amazonaws.auth.AWSCredentials;
import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.auth.BasicSessionCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.retry.PredefinedRetryPolicies;
import com.amazonaws.retry.RetryMode;
import com.amazonaws.services.support.AWSSupport;
import com.amazonaws.services.support.AWSSupportClientBuilder;
import com.amazonaws.util.VersionInfoUtils;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.http.util.VersionInfo;

/** Drives the AWS SDK for Java v1. */
final class Main implements Adapter.Client {
    private static final Map<String, Method> OPERATIONS = Adapter.operations(AWSSupport.class);

    public static void main(String[] arguments) throws IOException {
        String http = VersionInfo.loadVersionInfo("org.apache.http.client", null).getRelease();
        Adapter.serve(
                Adapter.About.of(
                        "aws-sdk-java-v1", VersionInfoUtils.getVersion(), "java", "Apache HttpClient " + http),
                new Main());
    }

    @Override
    public Set<String> operations() {
        return new TreeSet<>(OPERATIONS.keySet());
    }

    @Override
    public Set<String> lacks() {
        return Set.of("dryRun");
    }

    @Override
    public Connection connect(Settings settings) {
        int timeout = Math.toIntExact(settings.timeoutMs());
        ClientConfiguration configuration =
                new ClientConfiguration().withConnectionTimeout(timeout).withSocketTimeout(timeout);
        if (settings.maxAttempts() == 1) {
            configuration.setRetryPolicy(PredefinedRetryPolicies.NO_RETRY_POLICY);
        } else {
            configuration.withRetryMode(RetryMode.STANDARD).setMaxErrorRetry(settings.maxAttempts() - 1);
        }
        AWSSupport client = AWSSupportClientBuilder.standard()
                .withClientConfiguration(configuration)
                .withEndpointConfiguration(new EndpointConfiguration(settings.endpoint(), settings.region()))
                .withCredentials(new AWSStaticCredentialsProvider(credentials(settings.credentials())))
                .build();
        return new Connection() {
            @Override
            public Object send(String operation, JsonObject input) throws Throwable {
                Method method = OPERATIONS.get(operation);
                return plain(Adapter.invoke(method, client, structure(method.getParameterTypes()[0], input)));
            }

            @Override
            public void close() {
                client.shutdown();
            }
        };
    }

    private static AWSCredentials credentials(Adapter.Credentials keys) {
        return keys.sessionToken() == null
                ? new BasicAWSCredentials(keys.accessKeyId(), keys.secretAccessKey())
                : new BasicSessionCredentials(keys.accessKeyId(), keys.secretAccessKey(), keys.sessionToken());
    }

    private static Object structure(Class<?> type, JsonObject members) throws ReflectiveOperationException {
        Object structure = type.getConstructor().newInstance();
        for (String name : members.keySet()) {
            Method setter = Stream.of(type.getMethods())
                    .filter(method -> method.getName().equals("set" + Adapter.upper(name)))
                    .findFirst()
                    .orElseThrow(() -> new Unsupported("this client has no " + name));
            setter.invoke(structure, value(setter.getGenericParameterTypes()[0], members.get(name)));
        }
        return structure;
    }

    private static Object value(Type type, JsonElement json) throws ReflectiveOperationException {
        if (type instanceof ParameterizedType collection) {
            List<Object> elements = new ArrayList<>();
            for (JsonElement element : json.getAsJsonArray()) {
                elements.add(value(collection.getActualTypeArguments()[0], element));
            }
            return elements;
        }
        if (type == ByteBuffer.class) {
            return ByteBuffer.wrap(Base64.getDecoder().decode(json.getAsString()));
        }
        return json.isJsonObject() ? structure((Class<?>) type, json.getAsJsonObject()) : Adapter.scalar(type, json);
    }

    private static Object plain(Object value) {
        return Adapter.plain(value, Main::members);
    }

    private static Object members(Object structure) {
        if (structure instanceof ByteBuffer data) {
            byte[] bytes = new byte[data.remaining()];
            data.duplicate().get(bytes);
            return plain(bytes);
        }
        Map<String, Object> members = new TreeMap<>();
        for (Method method : structure.getClass().getDeclaredMethods()) {
            if (method.getName().startsWith("get") && Modifier.isPublic(method.getModifiers())) {
                Object member = get(method, structure);
                if (member != null) {
                    members.put(Adapter.lower(method.getName().substring(3)), plain(member));
                }
            }
        }
        return members;
    }

    private static Object get(Method getter, Object structure) {
        try {
            return getter.invoke(structure);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public Failure explain(Throwable error) {
        if (error instanceof AmazonServiceException answered) {
            return new Failure(
                    "service",
                    answered.getErrorCode(),
                    answered.getErrorMessage(),
                    answered.getStatusCode(),
                    answered.getRequestId());
        }
        return error instanceof AmazonClientException own ? Failure.of(kind(own), own) : null;
    }

    /** What the SDK wraps, a bug of its own too, reaches the caller as its own error with these words. */
    private static String kind(AmazonClientException error) {
        String message = error.getMessage();
        if (Adapter.timedOut(error)) {
            return "timeout";
        }
        if (message.startsWith("Unable to unmarshall")
                || Adapter.isCausedBy(error, JsonProcessingException.class)) {
            return "decode";
        }
        if (message.startsWith("Unable to execute HTTP request") || Adapter.isCausedBy(error, IOException.class)) {
            return "transport";
        }
        return "client";
    }
}
