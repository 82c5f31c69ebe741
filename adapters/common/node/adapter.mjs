// The adapter protocol, for every client that runs on Node.

import { createRequire } from "node:module";
import { resolve } from "node:path";

/** Loads a package that the set-up of the adapter in this folder installed. */
export const load = createRequire(resolve("installed/package.json"));

/**
 * Answers calls until standard input ends.
 *
 * - `lacks`: the input members that the client cannot express
 * - `connect(settings)`: the client, as a function from input to output
 * - `explain(error)`: what the client's public API says about its error, or
 *   nothing about an error that is not the client's own
 */
export async function serve({ name, version, lacks = [], connect, explain }) {
  console.log = console.info = console.debug = console.error; // stdout is for answers
  const client = { name, version, language: "javascript" };
  let open = {};

  for await (const line of lines(process.stdin)) {
    const { protocol, id, input, ...settings } = JSON.parse(line);
    if (protocol) {
      say({ protocol: 1, client });
      continue;
    }
    const call = async () => {
      const lacking = lacks.find((member) => member in input);
      if (lacking) throw new Unsupported(`this client has no ${lacking}`);
      const key = JSON.stringify(settings);
      if (open.key !== key) open = { key, send: await connect(settings) };
      return open.send(withBytes(input));
    };
    say({ id, ...(await outcome(call, explain)) });
  }
  process.exit();
}

/** Thrown for a call that the client has no way to express. */
export class Unsupported extends Error {}

/** The kind of one of Node's own errors, which most clients pass on. */
export function networkKind({ code }) {
  if (code === "ETIMEDOUT") return "timeout";
  if (/^(E(?!RR_)|HPE_|UND_ERR_)/.test(code)) return "transport";
}

// Not readline: it takes U+2028, which JSON allows in a string, for a line end.
async function* lines(stream) {
  let held = "";
  for await (const chunk of stream.setEncoding("utf8")) {
    const [first, ...others] = chunk.split("\n");
    const pieces = [held + first, ...others];
    held = pieces.pop();
    yield* pieces;
  }
  if (held) yield held;
}

function say(answer) {
  process.stdout.write(JSON.stringify(answer) + "\n");
}

function withBytes({ attachments, ...input }) {
  const bytes = ({ data, ...rest }) =>
    data === undefined ? rest : { ...rest, data: Buffer.from(data, "base64") };
  return attachments
    ? { ...input, attachments: attachments.map(bytes) }
    : input;
}

function outcome(call, explain) {
  return new Promise((answer) => {
    // What an event handler throws has no caller; only the call in flight can
    // be its cause.
    const stray = (error) => answer(failure(error));
    process.once("uncaughtException", stray);
    call()
      .then(success, (error) =>
        error instanceof Unsupported
          ? { unsupported: error.message }
          : failure(error, explain(error)),
      )
      .catch(failure)
      .then(answer)
      .finally(() => process.off("uncaughtException", stray));
  });
}

function success(output) {
  const { attachmentSetId, expiryTime } = output ?? {};
  return { output: present({ attachmentSetId, expiryTime }) };
}

function failure(error, explained) {
  const { kind = "unexpected", code, status, requestId } = explained ?? {};
  const message = error instanceof Object ? error.message : error;
  const texts = present({ code, message, requestId });
  for (const name in texts) texts[name] = String(texts[name]);
  return { error: present({ kind, status, ...texts }) };
}

function present(members) {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value != null),
  );
}
