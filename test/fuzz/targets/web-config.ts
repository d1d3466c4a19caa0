import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { validateHeaderValue } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { readWebConfigFile } from '../../../src/config/web/load.ts';
import { secureContextOf, tlsOptionsOf } from '../../../src/server/tls.ts';
import type { Diagnostic } from '../../../src/text/diagnostics.ts';
import { parseYaml } from '../../../src/text/yaml.ts';
import { law, plantedSecret, targetOf } from '../target.ts';
import { lawOfDiagnostics } from './config.ts';
import { mutatedYaml, root, seedsFrom } from './yaml-seeds.ts';

const fixtures = join(root, 'test/fixtures/web');
const pem = (name: string) => readFileSync(join(fixtures, name), 'utf8');
const indented = (name: string) => pem(name).trim().replaceAll('\n', '\n    ');
const hash = '$2y$10$tey/VUizJjrEAKKugAC0ku86ifv4JMjBRLBSSKgFuDYg4VLjYuItW';

const texts: readonly string[] = [
  `tls_server_config:
  cert_file: server.pem
  key_file: server.key.pem
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.pem
  client_allowed_sans: [client.example.com, 192.0.2.1]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [CurveP256, X25519]
http_server_config:
  http2: true
  headers:
    Content-Security-Policy: default-src 'self'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: "1"
    Strict-Transport-Security: max-age=31536000
basic_auth_users:
  alice: ${hash}
  bob: ${hash}
rate_limit: {interval: 100ms, burst: 20}
`,
  `tls_server_config:\n  cert: |\n    ${indented('server.pem')}\n  key: |\n    ${indented('server.key.pem')}\n`,
  `basic_auth_users: {alice: "${plantedSecret}"}\n`,
  `tls_server_config: {cert_file: server.pem, key: "${plantedSecret}"}\n`,
  `tls_server_config: {cert_file: server.pem, key=${plantedSecret}: }\nhttp_server_config: {${plantedSecret}: 1}\n`,
  `tls_server_config: {cert_file: server.pem, key_file: encrypted.key.pem}\nhttp_server_config: {headers: {X-Frame-Options: "a\\r\\nb: c"}}\n`,
];
// The other texts have problems.
const seeds = seedsFrom(texts, (tree) =>
  texts.slice(0, 2).some((text) => isDeepStrictEqual(parse(text), tree)),
);

/** Lines of the private keys and the hash: no output may contain them. */
const secrets = [
  plantedSecret,
  'tey/VUizJjrEAKKugAC0ku86',
  ...keyLines('server.key.pem'),
  ...keyLines('encrypted.key.pem'),
];

function keyLines(name: string): readonly string[] {
  return pem(name)
    .split('\n')
    .filter((line) => line.length > 40 && !line.startsWith('-'));
}

/**
 * Returns the words of a text into which a mutation has glued a secret, such as `cert_fiSECRET`: as a key, nothing tells
 * them from names, which have these separators. A secret that is a whole word is none of them.
 */
function gluedWordsIn(text: string): ReadonlySet<string> {
  const words = text.match(/[\w+/.-]+/g) ?? [];
  const isGlued = (word: string) =>
    secrets.some((secret) => word.includes(secret) && /[_./-]/.test(word.replace(secret, '')));
  return new Set(words.filter(isGlued));
}

/** Takes the words out of the problems: the rest must contain no secret. */
function withoutWords(problems: readonly Diagnostic[], words: ReadonlySet<string>): readonly Diagnostic[] {
  const strip = (text: string) => [...words].reduce((rest, word) => rest.replaceAll(word, 'WORD'), text);
  return problems.map((problem) => ({ ...problem, path: strip(problem.path), text: strip(problem.text) }));
}

/** Web config files, and the TLS settings that follow from them. */
export const webConfigTarget = targetOf<{ readonly text: string }>('web-config', () => {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-fuzz-'));
  for (const file of readdirSync(fixtures)) copyFileSync(join(fixtures, file), join(directory, file));
  const file = join(directory, 'web.yml');
  const load = (text: string) => {
    writeFileSync(file, text);
    return readWebConfigFile(file);
  };
  return {
    generate: (draws) => ({ text: mutatedYaml(seeds, draws, false).text }),
    async check({ text }) {
      const loaded = await load(text);
      if ('problems' in loaded) {
        law(loaded.problems.length > 0, 'a rejected web config has a problem');
        // An unpaired surrogate becomes a replacement character in the file.
        const read = text.toWellFormed().replace(/^\ufeff/, '');
        lawOfDiagnostics(withoutWords(loaded.problems, gluedWordsIn(read)), read, secrets);
        return;
      }
      const { config } = loaded;
      if (config.tls !== undefined) {
        secureContextOf(config.tls);
        tlsOptionsOf(config.tls);
      }
      for (const [name, value] of Object.entries(config.headers)) validateHeaderValue(name, value);
      const yaml = parseYaml(text.toWellFormed());
      if (!('value' in yaml) || typeof yaml.value !== 'object' || yaml.value === null) {
        law(config.users.size === 0 && config.tls === undefined, 'only an empty file has no mapping');
        return;
      }
      const again = await load(JSON.stringify(yaml.value));
      law(
        'config' in again,
        'an accepted web config is accepted as JSON',
        'problems' in again && again.problems,
      );
      law(isDeepStrictEqual(again.config, config), 'a web config means the same in JSON');
    },
    close: () => rmSync(directory, { recursive: true }),
  };
});
