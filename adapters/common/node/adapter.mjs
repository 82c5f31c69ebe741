// The adapter protocol, for every client that runs on Node.

import { createRequire } from "node:module";
import { resolve } from "node:path";
import { OUTPUTS } from "./operations.mjs";

/** Loads a package that the set-up of the adapter in this folder installed. */
export const load = createRequire(resolve("installed/package.json"));

/**
 * Answers calls until standard input ends.
 *
 * - `lacks`: the operations, the members of an input and the options, such as
 *   `timeout`, that the client does not have
 * - `connect(settings)`: the client, as a function from an operation and its
 *   input to its output
 * - `explain(error)`: what the client's public API says about its error; no
 *   kind, or nothing, for an error that is not the client's own
 */
export async function serve({ name, version, lacks = [], connect, explain }) {
  console.log = console.info = console.debug = console.error; // stdout is for answers
  const runtime = `Node.js ${process.versions.node}`;
  const client = { name, version, language: "javascript", runtime };
  const operations = Object.keys(OUTPUTS).filter((it) => !lacks.includes(it));
  let open = {};

  for await (const line of lines(process.stdin)) {
    const {
      protocol,
      id,
      operation = "AddAttachmentsToSet",
      input,
      needs = [],
      ...settings
    } = JSON.parse(line);
    if (protocol) {
      say({ protocol: 1, client, operations });
      continue;
    }
    const call = async () => {
      const lacking = operations.includes(operation)
        ? lacks.find((it) => it in input || needs.includes(it))
        : operation;
      if (lacking) throw new Unsupported(`this client has no ${lacking}`);
      const key = JSON.stringify(settings);
      if (open.key !== key) open = { key, send: await connect(settings) };
      return open.send(operation, withBytes(input));
    };
    say({ id, ...(await outcome(operation, call, explain)) });
  }
  process.exit();
}

/** The name of the method for an operation. */
export function methodName(operation) {
  return operation[0].toLowerCase() + operation.slice(1);
}

/** Thrown for a call that the client has no way to express. */
export class Unsupported extends Error {}

const BASE64 = /^(Invalid base64 string|Incorrect padding on base64 string)\./;

/**
 * The kind of one of the language's and Node's own errors, as the table in
 * `adapters/README.md` has it; nothing for what shows a mistake.
 */
export function languageKind(error) {
  const { code, cause } = error ?? {};
  if (/TIMED?_?OUT$/.test(code)) return "timeout";
  if (/^(E(?!RR_)[A-Z\d_]+|HPE_\w+|UND_ERR_\w+)$/.test(code))
    return "transport";
  if (/^(Z_\w+|ERR_ENCODING_INVALID_ENCODED_DATA)$/.test(code)) return "decode";
  if (error instanceof SyntaxError) return "decode"; // of JSON.parse
  // What Smithy's decoder of base64 throws for text that it refuses.
  if (error instanceof TypeError && BASE64.test(error.message)) return "decode";
  // What fetch makes of an error of the network.
  if (error instanceof TypeError && cause)
    return languageKind(cause) ?? "transport";
}

/** Whether an error shows a mistake of the client's, whatever was added to it. */
export function isMistake(error) {
  const classes = [TypeError, RangeError, ReferenceError];
  return !languageKind(error) && classes.some((it) => error instanceof it);
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

function outcome(operation, call, explain) {
  return new Promise((answer) => {
    // What an event handler throws reaches no caller and would end the program;
    // only the call in flight can be its cause.
    const stray = (error) =>
      answer(failure(error, { kind: "unexpected" }, "uncaught "));
    process.once("uncaughtException", stray);
    call()
      .then(
        (output) => success(operation, output),
        (error) =>
          error instanceof Unsupported
            ? { unsupported: error.message }
            : failure(error, explain(error)),
      )
      .then(answer)
      .finally(() => process.off("uncaughtException", stray));
  });
}

function success(operation, output) {
  const isOther = ["string", "number", "boolean"].includes(typeof output);
  if (isOther || Array.isArray(output)) return { output };
  const { $metadata, ...all } = output ?? {};
  // What is not a plain object, such as a buffer, has no members.
  const isObject = Object.getPrototypeOf(output ?? []) === Object.prototype;
  const modelled = OUTPUTS[operation];
  const other = isObject
    ? Object.keys(all).filter((it) => !modelled.includes(it))
    : [];
  const members = plain(
    Object.fromEntries(modelled.map((name) => [name, all[name]])),
  );
  return { output: other.length ? { ...members, other } : members };
}

function failure(error, explained, how = "") {
  const { code, status, requestId, ...said } = explained ?? {};
  const kind = said.kind ?? languageKind(error) ?? "unexpected";
  const isUnexpected = kind === "unexpected";
  if (isUnexpected) console.error(error); // with where it comes from
  return {
    error: present({
      kind,
      code: asJson(code),
      message: isUnexpected
        ? how + describe(error)
        : asJson(error?.message ?? error),
      status: isStatus(status) ? status : undefined,
      requestId: requestId == null ? undefined : String(requestId),
    }),
  };
}

/** A value that the client returned, as the adapter protocol writes it. */
function plain(value) {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "number")
    return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (Object.getPrototypeOf(value ?? []) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(present(value)).map(([name, it]) => [name, plain(it)]),
  );
}

/** Whether a status is one that the adapter protocol can say. */
function isStatus(status) {
  return Number.isInteger(status) && status >= 0 && status <= 0xffff;
}

/** An error with its class, which tells what sort of mistake it is. */
function describe(error) {
  return error instanceof Error
    ? `${error.name}: ${error.message}`
    : String(error?.message ?? error);
}

/** A value as the client gave it, as far as JSON can say it. */
function asJson(value) {
  if (value === undefined || typeof value === "string") return value;
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    return String(value);
  }
}

function present(members) {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value != null),
  );
}
