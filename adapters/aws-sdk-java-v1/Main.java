import attachset.Adapter;
import attachset.Adapter.Connection;
import attachset.Adapter.Failure;
import attachset.Adapter.Input;
import attachset.Adapter.Output;
import attachset.Adapter.Settings;
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
import com.amazonaws.services.support.model.AddAttachmentsToSetRequest;
import com.amazonaws.services.support.model.AddAttachmentsToSetResult;
import com.amazonaws.services.support.model.Attachment;
import com.amazonaws.util.VersionInfoUtils;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import org.apache.http.util.VersionInfo;

/** Drives the AWS SDK for Java v1. */
final class Main implements Adapter.Client {
    public static void main(String[] arguments) throws IOException {
        String http = VersionInfo.loadVersionInfo("org.apache.http.client", null).getRelease();
        Adapter.serve(
                Adapter.About.of(
                        "aws-sdk-java-v1", VersionInfoUtils.getVersion(), "java", "Apache HttpClient " + http),
                new Main());
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
            public Output send(Input input) {
                AddAttachmentsToSetResult result = client.addAttachmentsToSet(request(input));
                return new Output(result.getAttachmentSetId(), result.getExpiryTime());
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

    private static AddAttachmentsToSetRequest request(Input input) {
        AddAttachmentsToSetRequest request =
                new AddAttachmentsToSetRequest().withAttachmentSetId(input.attachmentSetId());
        if (input.attachments() != null) {
            request.setAttachments(input.attachments().stream().map(Main::attachment).toList());
        }
        return request;
    }

    private static Attachment attachment(Adapter.Attachment attachment) {
        byte[] data = attachment.data();
        return new Attachment()
                .withFileName(attachment.fileName())
                .withData(data == null ? null : ByteBuffer.wrap(data));
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
