// The AWS SDK for JavaScript v3, in whichever version is installed.

import { isMistake, languageKind, load, serve } from "./adapter.mjs";
import { RECENT } from "./operations.mjs";

const { SupportClient, SupportServiceException, ...model } = load(
  "@aws-sdk/client-support",
);

/** `httpHandler` makes the client's HTTP handler from its options. */
export function drive(name, httpHandler = (options) => options) {
  return serve({
    name,
    version: load("@aws-sdk/client-support/package.json").version,
    lacks: "DryRunOperationException" in model ? [] : RECENT,
    connect,
    explain,
  });

  function connect({ timeoutMs, ...settings }) {
    const client = new SupportClient({
      ...settings,
      retryMode: "standard",
      // A request timeout alone only logs a warning in newer versions.
      requestHandler: httpHandler({
        connectionTimeout: timeoutMs,
        socketTimeout: timeoutMs,
      }),
    });
    return (operation, input) =>
      client.send(new model[`${operation}Command`](input));
  }
}

function explain(error) {
  const { httpStatusCode: status, requestId } = error.$metadata ?? {};
  if (error instanceof SupportServiceException)
    return { kind: "service", code: error.name, status, requestId };
  return { kind: kindOf(error), status, requestId };
}

function kindOf(error) {
  // Before the name: the SDK names a connection reset a TimeoutError as well.
  const kind = languageKind(error);
  if (kind) return kind;
  if (error.name === "TimeoutError") return "timeout";
  // Whatever came up while it read an answer: the SDK adds the words
  // "Deserialization error" and the answer. A TypeError stays one.
  if (error.$response && !isMistake(error)) return "decode";
}
