// The AWS SDK for JavaScript v3, in whichever version is installed.

import { load, networkKind, serve } from "./adapter.mjs";

const { Support, SupportServiceException, ...model } = load(
  "@aws-sdk/client-support",
);

/** `httpHandler` makes the client's HTTP handler from its options. */
export function drive(name, httpHandler = (options) => options) {
  return serve({
    name,
    version: load("@aws-sdk/client-support/package.json").version,
    lacks: "DryRunOperationException" in model ? [] : ["dryRun"],
    connect,
    explain,
  });

  function connect({ timeoutMs, ...settings }) {
    const client = new Support({
      ...settings,
      retryMode: "standard",
      // A request timeout alone only logs a warning in newer versions.
      requestHandler: httpHandler({
        connectionTimeout: timeoutMs,
        socketTimeout: timeoutMs,
      }),
    });
    return (input) => client.addAttachmentsToSet(input);
  }
}

function explain(error) {
  if (error instanceof SupportServiceException) {
    const { httpStatusCode: status, requestId } = error.$metadata;
    return { kind: "service", code: error.name, status, requestId };
  }
  // Before the name: the SDK names a connection reset a TimeoutError as well.
  const kind = networkKind(error);
  if (kind) return { kind };
  if (error.name === "TimeoutError") return { kind: "timeout" };
  // An answer that is not JSON, which the SDK passes on with the answer added.
  if (error instanceof SyntaxError && error.$response)
    return { kind: "decode" };
}
