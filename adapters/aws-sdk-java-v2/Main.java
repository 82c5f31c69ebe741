import attachset.Adapter.Connection;
import attachset.Adapter.Input;
import attachset.Adapter.Output;
import attachset.Adapter.Settings;
import attachset.SdkV2;
import java.io.IOException;
import java.time.Duration;
import org.apache.http.util.VersionInfo;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.services.support.SupportClient;

/** Drives the AWS SDK for Java v2 with the HTTP client that it takes by itself. */
final class Main {
    public static void main(String[] arguments) throws IOException {
        String http = VersionInfo.loadVersionInfo("org.apache.http.client", null).getRelease();
        SdkV2.serve("aws-sdk-java-v2", "Apache HttpClient " + http, Main::connect);
    }

    private static Connection connect(Settings settings) {
        Duration timeout = Duration.ofMillis(settings.timeoutMs());
        SupportClient client = SdkV2.configure(SupportClient.builder(), settings)
                .httpClientBuilder(ApacheHttpClient.builder().connectionTimeout(timeout).socketTimeout(timeout))
                .build();
        return new Connection() {
            @Override
            public Output send(Input input) {
                return SdkV2.output(client.addAttachmentsToSet(SdkV2.request(input)));
            }

            @Override
            public void close() {
                client.close();
            }
        };
    }
}
