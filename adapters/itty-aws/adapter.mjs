import {
  load,
  methodName,
  serve,
  Unsupported,
} from "../common/node/adapter.mjs";
import { RECENT } from "../common/node/operations.mjs";
// Both are ES modules only, which `load` cannot resolve by name.
import {
  Cause,
  Effect,
  Exit,
} from "./installed/node_modules/effect/dist/esm/index.js";
import { Support } from "./installed/node_modules/itty-aws/dist/services/support/index.js";

serve({
  name: "itty-aws",
  version: load("./package.json").dependencies["itty-aws"],
  // Its time-out is 30 seconds for the head of an answer, and none for the body.
  lacks: [...RECENT, "timeout"],
  connect,
  explain,
});

// Errors that its caller cannot catch among those that its types name: Effect's
// word for mistakes.
const defects = new WeakSet();

function connect({ endpoint, region, credentials, maxAttempts }) {
  if (maxAttempts > 1) throw new Unsupported("this client has no retries");
  const client = new Support({ endpoint, region, credentials });
  return async (operation, input) => {
    const exit = await Effect.runPromiseExit(
      client[methodName(operation)](input),
    );
    if (Exit.isSuccess(exit)) return exit.value;
    const error = Cause.squash(exit.cause);
    if (Cause.isDie(exit.cause)) defects.add(error);
    throw error;
  };
}

function explain(error) {
  if (defects.has(error)) return { kind: "unexpected" };
  const { _tag: code, statusCode: status, requestId } = error;
  if (status) return { kind: "service", code, status, requestId };
  if (code === "TimeoutException") return { kind: "timeout" };
}
