import { load } from "../common/node/adapter.mjs";
import { drive } from "../common/node/aws-sdk-js-v3.mjs";

const { NodeHttpHandler } = load("@aws-sdk/node-http-handler");

drive("aws-sdk-js-v3-3.347.1", (options) => new NodeHttpHandler(options));
