import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsFault } from "./aws-json.ts";
import type { Endpoint, Gateway } from "./gateway.ts";
import { bucketActions } from "./objects/bucket-actions.ts";
import { actionFor, honoured } from "./objects/dispatch.ts";
import { faultDocument } from "./objects/faults.ts";
import { multipartActions } from "./objects/multipart-actions.ts";
import { objectActions } from "./objects/object-actions.ts";
import { parseRequest, targetOf } from "./objects/request.ts";
import { ObjectStore } from "./objects/store.ts";

/** S3: buckets and objects in a folder. */
export interface Objects {
  readonly endpoint: Endpoint;
  /** Closes the folder's catalog. All that was answered for is on disk already. */
  close(): void;
}

/**
 * Serves S3 on the gateway (scope `s3`, path-style addresses), from a folder that is made when it is not there. Actions,
 * sub-resources, query parameters and x-amz-… headers that are not honoured are refused by name.
 */
export const openObjects = ({ gateway, folder }: { gateway: Gateway; folder: string }): Objects => {
  const store = new ObjectStore(folder);
  const actions = [...bucketActions(store), ...objectActions(store), ...multipartActions(store)];
  const endpoint: Endpoint = {
    async handle(incoming, response) {
      try {
        const request = parseRequest(incoming);
        await honoured(actionFor(actions, request), request).run(request, response);
      } catch (error) {
        if (!(error instanceof AwsFault) || response.headersSent) throw error;
        sendFault(incoming, response, error);
      }
    },
    actionOf: (incoming) => actionFor(actions, targetOf(incoming))?.name ?? `${incoming.method}`,
  };
  gateway.route("s3", endpoint);
  return { endpoint, close: () => store.close() };
};

const sendFault = (incoming: IncomingMessage, response: ServerResponse, fault: AwsFault): void => {
  const body = Buffer.from(faultDocument(fault, incoming.url ?? "/"));
  response.writeHead(fault.status, { "content-type": "application/xml", "content-length": body.length });
  response.end(incoming.method === "HEAD" ? undefined : body);
};
