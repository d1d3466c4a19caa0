import { Agent } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';

// The package is CommonJS. Node and vitest import it differently, so use require.
const official = createRequire(import.meta.url)(
  'tencentcloud-sdk-nodejs-common',
) as typeof import('tencentcloud-sdk-nodejs-common');
const { CommonClient } = official;

export interface Client {
  readonly port: number;
  readonly secretId?: string;
  readonly secretKey?: string;
  readonly token?: string | undefined;
  readonly version?: string;
}

/** Sends one request with the official client. Rejects with `code` for a failure. */
export function sendWithClient(client: Client, action: string, query: object) {
  const {
    port,
    secretId = 'simulator-demo-secret-id',
    secretKey = 'simulator-demo-secret-key',
    token,
    version = '2018-08-01',
  } = client;
  // The client derives the product in the signature from the host, and signs the host without a port. So use the
  // default port in the URL, and connect to the simulator.
  const agent = new Agent();
  agent.createConnection = () => connect(port, '127.0.0.1');
  const common = new CommonClient('live.example.com', version, {
    credential: { secretId, secretKey, ...(token !== undefined && { token }) },
    region: '',
    profile: {
      signMethod: 'TC3-HMAC-SHA256',
      httpProfile: { protocol: 'http:', endpoint: 'live.example.com', agent },
    },
  });
  return common.request(action, query);
}

export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
