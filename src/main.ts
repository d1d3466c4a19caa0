import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { systemClock } from './clock.ts';
import { createBoundedOutput } from './commands/bounded-output.ts';
import { exitAtDeadline, exitWhenRead } from './commands/exit.ts';
import { logFormatOf, parseInvocation, usage } from './commands/flags.ts';
import { controlNodeHeap } from './commands/node-heap.ts';
import type { Runtime } from './commands/runtime.ts';

const out = (text: string) => void process.stdout.write(text);
const invocation = parseInvocation(process.argv.slice(2));
const logOptions = { format: logFormatOf(invocation), now: systemClock.now };
const err = createBoundedOutput(process.stderr, logOptions);
const stop = new AbortController();
// If the reader of standard output closes the pipe, as `| head` does, stop the program without an error.
process.stdout.on('error', () => stop.abort());
// If the reader of the log closes the pipe, do not end the exporter: metrics must stay available.
process.stderr.on('error', () => {});
// Keep the handlers after the first signal: Ctrl-C under npm sends two, and the second must not end the process
// in the middle of its stop.
for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort());
const isDaemon = ['serve', 'demo'].includes(invocation.command);
const hangups = Promise.withResolvers<() => void>();
// `systemctl reload` right after the start sends SIGHUP while the code of the command still loads. It must not end the
// process, which systemd would not even restart after it, but wait for the handler.
if (isDaemon) process.on('SIGHUP', async () => (await hangups.promise)());
// By default, Node opens a debugger on SIGUSR1, which gives access to the secrets.
process.on('SIGUSR1', () => {});

const sizeHeap = controlNodeHeap();
// The daemon sets the number of its targets when it knows the config.
sizeHeap(isDaemon ? 0 : Number.POSITIVE_INFINITY);

const end = { clock: systemClock, exit: (code: number) => process.exit(code) };
stop.signal.addEventListener(
  'abort',
  () => void exitAtDeadline({ ...logOptions, write: err }, { ...end, exit: exitAtOnce }),
);
const exitCode = await run(invocation);
const exitNow = () => exitWhenRead(exitCode, [process.stdout, process.stderr], end);
// The output of the other commands waits for its reader, such as a pager, until a signal stops the program.
if (isDaemon || invocation.command === 'simulate' || stop.signal.aborted) await exitNow();
process.exitCode = exitCode;
stop.signal.addEventListener('abort', () => void exitNow());

async function run(invocation: ReturnType<typeof parseInvocation>): Promise<number> {
  const runtime: Runtime = {
    out,
    err,
    env: process.env,
    maxOpenFiles: readMaxOpenFiles(),
    clock: systemClock,
    random: Math.random,
    nonce: randomUUID,
    version: readVersion(),
    nodeVersion: process.version,
    pid: process.pid,
    onHangup: hangups.resolve,
    sizeHeap,
    signal: stop.signal,
  };
  // Load only the code of the command, because that of the others takes time and memory.
  switch (invocation.command) {
    case 'serve':
      return (await import('./commands/serve.ts')).runServe(invocation, runtime);
    case 'demo':
      return (await import('./commands/demo.ts')).runDemo(invocation, runtime);
    case 'simulate':
      return (await import('./commands/simulate.ts')).runSimulate(invocation, runtime);
    case 'check-config':
      return (await import('./commands/check-config.ts')).checkConfig(invocation, runtime);
    case 'plan':
      return (await import('./commands/plan.ts')).runPlan(invocation, runtime);
    case 'doctor':
      return (await import('./commands/doctor.ts')).runDoctor(
        invocation.configFile,
        invocation.doctor,
        runtime,
      );
    case 'rules':
      return (await import('./commands/rules.ts')).runRules(invocation.configFile, invocation.rules, runtime);
    case 'config-schema':
      out((await import('./commands/config-schema.ts')).configSchema());
      return 0;
    case 'version':
      out(`livestream-exporter ${runtime.version} (node ${runtime.nodeVersion})\n`);
      return 0;
    case 'help':
      out(usage);
      return 0;
    case 'unusable':
      err(`livestream-exporter: ${invocation.problem}\nSee livestream-exporter --help.\n`);
      return 2;
    default:
      return invocation satisfies never;
  }
}

/**
 * Ends the process although a thread hangs in a system call: `process.exit` would wait for that thread. A signal
 * would not end the first process of a container. So another program takes the place of this one and exits.
 */
function exitAtOnce(code: number): void {
  const { execPath } = process;
  process.execve?.(execPath, [execPath, '--eval', `process.exitCode = ${code}`], {});
  process.exit(code);
}

/**
 * Returns the program's version from package.json, which is in the parent directory of both `src` and `dist`.
 */
function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  // The cast is safe: the project's own package.json always has a version.
  return (JSON.parse(text) as { version: string }).version;
}

/**
 * Returns the limit of open files of the process. Returns undefined if the system does not tell it in
 * /proc/self/limits, as only Linux does, or if there is no limit. At its start, Node.js has raised the soft
 * limit to the hard limit.
 */
function readMaxOpenFiles(): number | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}
