import { isMistake, load, methodName, serve } from "../common/node/adapter.mjs";
import { RECENT } from "../common/node/operations.mjs";

const Support = load("aws-sdk/clients/support");

serve({
  name: "aws-sdk-js-v2",
  version: load("aws-sdk/package.json").version,
  lacks: RECENT,
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
  return (operation, input) => client[methodName(operation)](input).promise();
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
