import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that responds with these statuses in order, and with two rows if successful. */
export async function startRowServer(statuses: readonly number[]) {
  const requests: { readonly url: string | undefined; readonly token: string | undefined }[] = [];
  const server = createServer(({ url, headers }, response) => {
    response.statusCode = statuses[requests.length] ?? 500;
    requests.push({ url, token: headers.authorization });
    response.end('[3, "4"]');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The cast is safe: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/`,
    requests,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
