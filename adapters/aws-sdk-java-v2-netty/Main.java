import attachset.Adapter;
import attachset.Adapter.Connection;
import attachset.Adapter.Settings;
import attachset.SdkV2;
import com.google.gson.JsonObject;
import io.netty.util.Version;
import java.io.IOException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.services.support.SupportAsyncClient;

/** Drives the asynchronous AWS SDK for Java v2 with the HTTP client that it takes by itself. */
final class Main {
    /** One for all clients: to close its own, a client waits two seconds for calls to come. */
    private static final SdkEventLoopGroup LOOPS = SdkEventLoopGroup.builder().build();

    private static final Map<String, Method> OPERATIONS = Adapter.operations(SupportAsyncClient.class);

    public static void main(String[] arguments) throws IOException {
        String netty = Version.identify().get("netty-codec-http").artifactVersion();
        SdkV2.serve("aws-sdk-java-v2-netty", "Netty " + netty, SupportAsyncClient.class, Main::connect);
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
            public Object send(String operation, JsonObject input) throws Throwable {
                Method method = OPERATIONS.get(operation);
                Object sent = Adapter.invoke(method, client, SdkV2.request(method, input));
                try {
                    return SdkV2.plain(((Future<?>) sent).get());
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
