import { VAULT } from "#grid/vault.ts";
import { TLS_FOLDER } from "./server-config.ts";

/** The kubelet brings a renewed certificate to the pod within some minutes; then Vault reads it when it is told to (SIGHUP). */
const LOOK_SECONDS = 60;

/** The server alone: other containers of the pod run the program `vault` too. */
const SERVER = "$(pgrep -f '^vault server')";

const SCRIPT = `served=$(md5sum ${TLS_FOLDER}/${VAULT.certificateFile})
while sleep ${LOOK_SECONDS}; do
  mounted=$(md5sum ${TLS_FOLDER}/${VAULT.certificateFile})
  if [ "$mounted" != "$served" ]; then
    kill -HUP ${SERVER} && served=$mounted && echo "Vault reads its renewed certificate"
  fi
done
`;

/** A container beside each server, with the server's user and process namespace, that tells it to read a renewed certificate. */
export const reloadSidecar = (image: string) => ({
  name: "reload",
  image,
  command: ["/bin/sh", "-c", SCRIPT],
  resources: { requests: { cpu: "5m", memory: "8Mi" }, limits: { memory: "32Mi" } },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
  volumeMounts: [{ name: "tls", mountPath: TLS_FOLDER, readOnly: true }],
});
