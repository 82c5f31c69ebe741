package attachset;

import attachset.Adapter.Connection;
import attachset.Adapter.Failure;
import attachset.Adapter.Settings;
import attachset.Adapter.Unsupported;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URI;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.exception.Crc32MismatchException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.util.SdkAutoConstructList;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.support.model.AddAttachmentsToSetRequest;
import software.amazon.awssdk.thirdparty.jackson.core.JsonProcessingException;
import software.amazon.awssdk.utils.builder.Buildable;

/** The AWS SDK for Java v2, whatever its HTTP client. */
public final class SdkV2 {
    private SdkV2() {}

    /** Makes a client, and of it a connection. */
    public interface Connect {
        Connection with(Settings settings) throws Exception;
    }

    /** {@code http} is the HTTP client with its version, and {@code type} the interface of the SDK's client. */
    public static void serve(String name, String http, Class<?> type, Connect connect) throws IOException {
        Adapter.About about = Adapter.About.of(name, VersionInfo.SDK_VERSION, "java", http);
        Set<String> operations = new TreeSet<>(Adapter.operations(type).keySet());
        Adapter.serve(about, new Adapter.Client() {
            @Override
            public Set<String> operations() {
                return operations;
            }

            @Override
            public Set<String> lacks() {
                boolean dryRun = AddAttachmentsToSetRequest.builder().sdkFields().stream()
                        .anyMatch(field -> field.memberName().equals("dryRun"));
                return dryRun ? Set.of() : Set.of("dryRun");
            }

            @Override
            public Connection connect(Settings settings) throws Exception {
                return connect.with(settings);
            }

            @Override
            public Failure explain(Throwable error) {
                return SdkV2.explain(error);
            }
        });
    }

    public static <B extends AwsClientBuilder<B, C>, C> B configure(B builder, Settings settings) {
        return builder
                .endpointOverride(URI.create(settings.endpoint()))
                .region(Region.of(settings.region()))
                .credentialsProvider(StaticCredentialsProvider.create(credentials(settings.credentials())))
                .overrideConfiguration(options -> options.retryStrategy(
                        AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(settings.maxAttempts())
                                .build()));
    }

    private static AwsCredentials credentials(Adapter.Credentials keys) {
        return keys.sessionToken() == null
                ? AwsBasicCredentials.create(keys.accessKeyId(), keys.secretAccessKey())
                : AwsSessionCredentials.create(keys.accessKeyId(), keys.secretAccessKey(), keys.sessionToken());
    }

    /** The request for a method of the client's. */
    public static Object request(Method operation, JsonObject input) throws ReflectiveOperationException {
        Object builder = operation.getParameterTypes()[0].getMethod("builder").invoke(null);
        return fill((SdkPojo) builder, input);
    }

    private static Object fill(SdkPojo builder, JsonObject members) {
        for (String name : members.keySet()) {
            SdkField<?> field = builder.sdkFields().stream()
                    .filter(it -> it.memberName().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new Unsupported("this client has no " + name));
            field.set(builder, value(field, members.get(name)));
        }
        return ((Buildable) builder).build();
    }

    private static Object value(SdkField<?> field, JsonElement json) {
        MarshallingType<?> type = field.marshallingType();
        if (type == MarshallingType.SDK_POJO) {
            return fill(field.constructor().get(), json.getAsJsonObject());
        }
        if (type == MarshallingType.LIST) {
            SdkField<?> element = field.getTrait(ListTrait.class).memberFieldInfo();
            return json.getAsJsonArray().asList().stream().map(it -> value(element, it)).toList();
        }
        if (type == MarshallingType.SDK_BYTES) {
            return SdkBytes.fromByteArray(Base64.getDecoder().decode(json.getAsString()));
        }
        return Adapter.scalar(type.getTargetClass(), json);
    }

    /** What the client returned, without the SDK's types. */
    public static Object plain(Object value) {
        return Adapter.plain(value, SdkV2::structure);
    }

    private static Object structure(Object value) {
        if (value instanceof SdkBytes data) {
            return plain(data.asByteArray());
        }
        Map<String, Object> members = new TreeMap<>();
        for (SdkField<?> field : ((SdkPojo) value).sdkFields()) {
            Object member = field.getValueOrDefault(value);
            // A list that was not in the response is one of these.
            if (member != null && !(member instanceof SdkAutoConstructList)) {
                members.put(field.memberName(), plain(member));
            }
        }
        return members;
    }

    private static Failure explain(Throwable error) {
        if (error instanceof AwsServiceException answered) {
            AwsErrorDetails details = answered.awsErrorDetails();
            return new Failure(
                    "service",
                    details == null ? null : details.errorCode(),
                    details == null ? null : details.errorMessage(),
                    answered.statusCode(),
                    answered.requestId());
        }
        return error instanceof SdkException own ? Failure.of(kind(own), own) : null;
    }

    /** What the SDK wraps, a bug of its own too, reaches the caller as its own error with these words. */
    private static String kind(SdkException error) {
        String message = error.getMessage();
        if (Adapter.timedOut(error)) {
            return "timeout";
        }
        if (message.startsWith("Unable to unmarshall")
                || Adapter.isCausedBy(error, JsonProcessingException.class, Crc32MismatchException.class)) {
            return "decode";
        }
        if (message.startsWith("Unable to execute HTTP request") || Adapter.isCausedBy(error, IOException.class)) {
            return "transport";
        }
        return "client";
    }
}
