import attachset.Adapter.Connection;
import attachset.Adapter.Input;
import attachset.Adapter.Output;
import attachset.Adapter.Settings;
import attachset.SdkV2;
import io.netty.util.Version;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.services.support.SupportAsyncClient;

/** Drives the asynchronous AWS SDK for Java v2 with the HTTP client that it takes by itself. */
final class Main {
    /** One for all clients: to close its own, a client waits two seconds for calls to come. */
    private static final SdkEventLoopGroup LOOPS = SdkEventLoopGroup.builder().build();

    public static void main(String[] arguments) throws IOException {
        String netty = Version.identify().get("netty-codec-http").artifactVersion();
        SdkV2.serve("aws-sdk-java-v2-netty", "Netty " + netty, Main::connect);
    }

    private static Connection connect(Settings settings) {
        Duration timeout = Duration.ofMillis(settings.timeoutMs());
        SupportAsyncClient client = SdkV2.configure(SupportAsyncClient.builder(), settings)
                .httpClientBuilder(NettyNioAsyncHttpClient.builder()
                        .eventLoopGroup(LOOPS)
                        .connectionTimeout(timeout)
                        .readTimeout(timeout))
                .build();
        return new Connection() {
            @Override
            public Output send(Input input) throws Exception {
                try {
                    return SdkV2.output(client.addAttachmentsToSet(SdkV2.request(input)).get());
                } catch (ExecutionException failed) {
                    // The future's own wrapping; what the client completed it with is the cause.
                    throw failed.getCause() instanceof Exception cause ? cause : failed;
                }
            }

            @Override
            public void close() {
                client.close();
            }
        };
    }
}
