import { load, serve } from "../common/node/adapter.mjs";

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

function explain({ code, statusCode: status, requestId }) {
  return { kind: kindOf(code, status), code, status, requestId };
}

// Every error of this SDK is an Error with a code: its own, the service's, or
// the class of an exception that came up inside it.
function kindOf(code, status) {
  switch (code) {
    case "TimeoutError": // a connection reset too
      return "timeout";
    case "NetworkingError":
    case "UnknownEndpoint":
      return "transport";
  }
  if (status >= 300) return "service"; // whatever the service calls it
  switch (code) {
    case "SyntaxError":
      return "decode";
    case "TypeError":
    case "RangeError":
    case "ReferenceError":
      return "unexpected";
  }
  if (code && !status) return "client";
}
