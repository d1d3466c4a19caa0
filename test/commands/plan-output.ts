import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPlan } from '../../src/commands/plan.ts';

/** Runs the command `plan` with a config. Returns its exit code and output, in which the config is `FILE`. */
export async function plan(yaml: string, streams?: number) {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-plan-'));
  const file = join(directory, 'config.yaml');
  writeFileSync(file, yaml);
  let out = '';
  let err = '';
  const code = await runPlan(
    { configFile: file, streams },
    {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text.replaceAll(file, 'FILE');
      },
    },
  );
  rmSync(directory, { recursive: true });
  return { code, out, err };
}
