import { drive } from "../common/node/aws-sdk-js-v3.mjs";

drive("aws-sdk-js-v3");
