import attachset.Adapter;
import attachset.Adapter.Connection;
import attachset.Adapter.Settings;
import attachset.SdkV2;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Map;
import org.apache.http.util.VersionInfo;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.services.support.SupportClient;

/** Drives the AWS SDK for Java v2 with the HTTP client that it takes by itself. */
final class Main {
    private static final Map<String, Method> OPERATIONS = Adapter.operations(SupportClient.class);

    public static void main(String[] arguments) throws IOException {
        String http = VersionInfo.loadVersionInfo("org.apache.http.client", null).getRelease();
        SdkV2.serve("aws-sdk-java-v2", "Apache HttpClient " + http, SupportClient.class, Main::connect);
    }

    private static Connection connect(Settings settings) {
        Duration timeout = Duration.ofMillis(settings.timeoutMs());
        SupportClient client = SdkV2.configure(SupportClient.builder(), settings)
                .httpClientBuilder(ApacheHttpClient.builder().connectionTimeout(timeout).socketTimeout(timeout))
                .build();
        return new Connection() {
            @Override
            public Object send(String operation, JsonObject input) throws Throwable {
                Method method = OPERATIONS.get(operation);
                return SdkV2.plain(Adapter.invoke(method, client, SdkV2.request(method, input)));
            }

            @Override
            public void close() {
                client.close();
            }
        };
    }
}
