import { createRequire } from 'node:module';

// The package is CommonJS with a `default` key. Node and vitest import it differently, so use require.
const official = createRequire(import.meta.url)(
  '@alicloud/openapi-core',
) as typeof import('@alicloud/openapi-core');
const { default: OfficialClient, $OpenApiUtil } = official;

/** Signature algorithms of the official client, which uses the name `v2` for HMAC-SHA1. */
export const algorithms = [
  ['ACS3-HMAC-SHA256', 'ACS3-HMAC-SHA256'],
  ['HMAC-SHA1', 'v2'],
] as const;

export interface ClientRequest {
  readonly port: number;
  readonly secret?: string | undefined;
  readonly token?: string | undefined;
  readonly algorithm?: (typeof algorithms)[number][1];
  readonly action: string;
  readonly method?: 'GET' | 'POST';
  readonly query: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>> | undefined;
}

/** Sends one request with the official client; returns status and body. Rejects with `code` for a failure. */
export function sendWithClient({
  port,
  secret,
  token,
  algorithm = 'ACS3-HMAC-SHA256',
  action,
  method = 'POST',
  query,
  form,
}: ClientRequest) {
  const client = new OfficialClient(
    new $OpenApiUtil.Config({
      accessKeyId: 'simulator-demo-id',
      accessKeySecret: secret ?? 'simulator-demo-secret',
      securityToken: token,
      endpoint: `127.0.0.1:${port}`,
      protocol: 'HTTP',
      signatureAlgorithm: algorithm,
    }),
  );
  const params = new $OpenApiUtil.Params({
    action,
    version: '2016-11-01',
    protocol: 'HTTP',
    method,
    authType: 'AK',
    style: 'RPC',
    pathname: '/',
    reqBodyType: 'formData',
    bodyType: 'json',
  });
  // The client accepts a plain object, as its samples show; its type comes from a package that is not a
  // dependency.
  const runtime = {} as Parameters<typeof client.callApi>[2];
  return client.callApi(params, new $OpenApiUtil.OpenApiRequest({ query, body: form }), runtime);
}
