import { isMistake, load, serve } from "../common/node/adapter.mjs";

const Support = load("aws-sdk/clients/support");

serve({
  name: "aws-sdk-js-v2",
  version: load("aws-sdk/package.json").version,
  lacks: ["dryRun"],
  connect,
  explain,
});

function connect({ endpoint, region, credentials, maxAttempts, timeoutMs }) {
  const client = new Support({
    endpoint,
    region,
    ...credentials,
    maxRetries: maxAttempts - 1,
    httpOptions: { connectTimeout: timeoutMs, timeout: timeoutMs },
  });
  return (input) => client.addAttachmentsToSet(input).promise();
}

function explain(error) {
  const { code, statusCode: status, requestId } = error;
  return { kind: kindOf(error), code, status, requestId };
}

// Every error of this SDK is an Error with a code: its own, the service's, or
// the class of an exception that came up inside it.
function kindOf(error) {
  const { code, statusCode: status } = error;
  switch (code) {
    case "TimeoutError": // a connection reset too
      return "timeout";
    case "NetworkingError":
    case "UnknownEndpoint":
      return "transport";
  }
  if (isMistake(error)) return "unexpected";
  if (status >= 300) return "service"; // whatever the service calls it
  if (code === "SyntaxError") return "decode";
  if (code && !status) return "client";
}
