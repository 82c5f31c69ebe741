import { load, serve } from "../common/node/adapter.mjs";

const awsLite = load("@aws-lite/client");

serve({
  name: "aws-lite",
  version: load("@aws-lite/client/package.json").version,
  lacks: ["timeout"],
  connect,
  explain,
});

async function connect({ endpoint, region, credentials, maxAttempts }) {
  const client = await awsLite({
    endpoint,
    region,
    ...credentials,
    retries: maxAttempts - 1,
    verifyService: false, // Support is not on its list of services
  });
  return async (operation, input) => {
    const { payload } = await client({
      service: "support",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSSupport_20130415.${operation}`,
      },
      awsjson: false, // to aws-lite, AWS JSON is DynamoDB's
      payload: withBase64(input),
    });
    return payload;
  };
}

// aws-lite knows awsJson1_1 as little as Support: target, content type and
// base64 are its user's part.
function withBase64({ attachments, ...input }) {
  const text = ({ data, ...rest }) =>
    data ? { ...rest, data: data.toString("base64") } : rest;
  return attachments ? { ...input, attachments: attachments.map(text) } : input;
}

function explain({ code, statusCode: status, rawStack, message }) {
  if (status) return { kind: "service", code, status };
  if (rawStack) return { kind: "transport" }; // the stack of Node's own error
  // An answer may put another value into the place of the status.
  if (message.startsWith("@aws-lite/client: "))
    return { kind: "service", code };
}
