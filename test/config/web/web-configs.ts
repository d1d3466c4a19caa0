import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { readWebConfigFile } from '../../../src/config/web/load.ts';
import { toDiagnosticLines } from '../../../src/text/diagnostics.ts';

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures', 'web');

export const pem = (name: string): string => readFileSync(join(fixtures, `${name}.pem`), 'utf8');

export const pair = 'cert_file: server.pem, key_file: server.key.pem';
export const hash = '$2y$10$tey/VUizJjrEAKKugAC0ku86ifv4JMjBRLBSSKgFuDYg4VLjYuItW';

/** Creates a directory with keys and certificates, until the tests of the file end, and reads web configs in it. */
export function setUpWebConfigs() {
  const directory = mkdtempSync(join(tmpdir(), 'web-config-'));
  for (const name of readdirSync(fixtures)) copyFileSync(join(fixtures, name), join(directory, name));
  afterAll(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'web.yml');

  async function load(text: string) {
    writeFileSync(file, text);
    return readWebConfigFile(file);
  }
  return {
    directory,
    file,
    load,
    /** The problems of a web config as an operator sees them, without the directory. */
    async problemsOf(text: string): Promise<readonly string[]> {
      const loaded = await load(text);
      return 'problems' in loaded ? toDiagnosticLines('web.yml', loaded.problems) : [];
    },
  };
}
