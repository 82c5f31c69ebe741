package attachset;

import attachset.Adapter.Connection;
import attachset.Adapter.Failure;
import attachset.Adapter.Input;
import attachset.Adapter.Output;
import attachset.Adapter.Settings;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Set;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.Crc32MismatchException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.support.model.AddAttachmentsToSetRequest;
import software.amazon.awssdk.services.support.model.AddAttachmentsToSetResponse;
import software.amazon.awssdk.services.support.model.Attachment;
import software.amazon.awssdk.thirdparty.jackson.core.JsonProcessingException;

/** The AWS SDK for Java v2, whatever its HTTP client. */
public final class SdkV2 {
    private SdkV2() {}

    /** Makes a client, and of it a connection. */
    public interface Connect {
        Connection with(Settings settings) throws Exception;
    }

    /** {@code http} is the HTTP client with its version. */
    public static void serve(String name, String http, Connect connect) throws IOException {
        Adapter.About about = Adapter.About.of(name, VersionInfo.SDK_VERSION, "java", http);
        Adapter.serve(about, new Adapter.Client() {
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

    public static AddAttachmentsToSetRequest request(Input input) {
        AddAttachmentsToSetRequest.Builder request =
                AddAttachmentsToSetRequest.builder().attachmentSetId(input.attachmentSetId());
        if (input.attachments() != null) {
            List<Attachment> attachments = input.attachments().stream().map(SdkV2::attachment).toList();
            request.attachments(attachments);
        }
        return request.build();
    }

    private static Attachment attachment(Adapter.Attachment attachment) {
        byte[] data = attachment.data();
        return Attachment.builder()
                .fileName(attachment.fileName())
                .data(data == null ? null : SdkBytes.fromByteArray(data))
                .build();
    }

    public static Output output(AddAttachmentsToSetResponse response) {
        return new Output(response.attachmentSetId(), response.expiryTime());
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
