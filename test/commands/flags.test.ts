import { expect, test } from 'vitest';
import { parseInvocation, usage } from '../../src/commands/flags.ts';

const defaults = {
  listenAddresses: [':10935'],
  isSystemdSocket: false,
  telemetryPath: '/metrics',
  externalUrl: undefined,
  routePrefix: '',
  isLifecycleEnabled: false,
  storagePath: undefined,
  lockTimeoutMs: 0,
  logLevel: 'info',
  logFormat: 'logfmt',
};

test('runs the daemon with default flags without arguments', () => {
  const expected = { command: 'serve', configFile: 'livestream-exporter.yaml', flags: defaults };

  expect(parseInvocation([])).toEqual(expected);
  expect(parseInvocation(['serve'])).toEqual(expected);
});

test('accepts --flag=value, --flag value, and repeated addresses', () => {
  const { flags } = serve([
    '--config.file=a.yaml',
    '--web.listen-address',
    ':1',
    '--web.listen-address=127.0.0.1:2',
    '--web.enable-lifecycle',
    '--storage.path',
    '/var/lib/x',
    '--storage.lock-timeout=1m30s',
    '--log.level=debug',
    '--log.format=json',
  ]);

  expect(flags).toEqual({
    ...defaults,
    listenAddresses: [':1', '127.0.0.1:2'],
    isLifecycleEnabled: true,
    storagePath: '/var/lib/x',
    lockTimeoutMs: 90_000,
    logLevel: 'debug',
    logFormat: 'json',
  });
});

test('listens on the sockets of systemd instead of an address', () => {
  expect(serve(['--web.systemd-socket']).flags.isSystemdSocket).toBe(true);
  expect(parseInvocation(['--web.systemd-socket', '--web.listen-address=:1'])).toEqual({
    command: 'unusable',
    problem: '--web.systemd-socket: remove --web.listen-address, because systemd chooses the address',
  });
});

test('parses the files of check-config, of which one is enough', () => {
  expect(parseInvocation(['check-config', 'a.yaml'])).toEqual({
    command: 'check-config',
    configFile: 'a.yaml',
    webConfigFile: undefined,
  });
  expect(parseInvocation(['check-config', '--web.config.file=web.yml', 'a.yaml'])).toMatchObject({
    configFile: 'a.yaml',
    webConfigFile: 'web.yml',
  });
  expect(parseInvocation(['check-config', '--web.config.file=web.yml'])).toMatchObject({
    configFile: undefined,
    webConfigFile: 'web.yml',
  });
  expect(parseInvocation(['check-config', '--web.config.file='])).toEqual({
    command: 'unusable',
    problem: '--web.config.file requires a FILE',
  });
});

test('makes the demo listen on loopback by default', () => {
  expect(parseInvocation(['demo'])).toMatchObject({
    command: 'demo',
    scenarioFile: undefined,
    flags: { listenAddresses: ['127.0.0.1:10935'] },
  });
});

test('gives help and version precedence over all other arguments', () => {
  expect(parseInvocation(['serve', '--nonsense', '--help'])).toEqual({ command: 'help' });
  expect(parseInvocation(['--version'])).toEqual({ command: 'version' });
});

test('parses the flags of doctor', () => {
  expect(parseInvocation(['doctor', 'a.yaml'])).toEqual({
    command: 'doctor',
    configFile: 'a.yaml',
    doctor: { format: 'text', recordDirectory: undefined, requestMs: 10_000 },
  });
  expect(
    parseInvocation(['doctor', '--format=json', '--record=out', '--timeout', '30s', 'a.yaml']),
  ).toMatchObject({
    doctor: { format: 'json', recordDirectory: 'out', requestMs: 30_000 },
  });
});

test('explains an invalid command line', () => {
  const problemOf = (...argv: string[]) => {
    const invocation = parseInvocation(argv);
    return invocation.command === 'unusable' ? invocation.problem : undefined;
  };

  expect(problemOf('serv')).toBe(
    'unknown command "serv"; did you mean "serve"? (commands: serve, demo, simulate, check-config, plan, doctor, rules, config-schema)',
  );
  expect(problemOf('--config.fil=a.yaml')).toBe('unknown flag --config.fil; did you mean "--config.file"?');
  expect(problemOf('-config.file=a.yaml')).toBe(
    'flags start with two hyphens: --config.file, not -config.file',
  );
  expect(problemOf('-config.fil', 'a.yaml')).toBe('unknown flag -config.fil; did you mean "--config.file"?');
  expect(problemOf('-x')).toBe('unknown flag -x');
  // Guesses that are too short to be similar.
  expect(problemOf('--config', 'a.yaml')).toBe('unknown flag --config; did you mean "--config.file"?');
  expect(problemOf('--web.listen=:1')).toBe(
    'unknown flag --web.listen; did you mean "--web.listen-address"?',
  );
  expect(problemOf('--storage=data')).toBe('unknown flag --storage');
  expect(problemOf('live.yaml')).toContain(
    'unknown command "live.yaml"; did you mean "--config.file=live.yaml"? (',
  );
  // Escapes what would end the line or control the terminal.
  expect(problemOf('plan', 'a.yaml', '--a\n\u001b[2J\u202e')).toBe(
    'unknown flag --a\\u000a\\u001b[2J\\u202e',
  );
  expect(problemOf('rules', 'a.yaml', '--lang=\u0000')).toBe('--lang: expected en, zh, got "\\u0000"');
  expect(problemOf('check-config', 'a', '\r\n')).toBe('check-config takes one FILE, got "a \\u000d\\u000a"');
  expect(problemOf('\u2028')).toContain('unknown command "\\u2028"');
  expect(problemOf('plan', 'a.yaml', '--config.file=a.yaml')).toBe('unknown flag --config.file');
  for (const count of ['0', '-1', '2.5', 'many', '']) {
    expect(problemOf('plan', 'a.yaml', `--streams=${count}`)).toBe(
      `--streams: expected a number from 1 to 9999999, got "${count}"`,
    );
  }
  expect(problemOf('--storage.path')).toBe("Option '--storage.path <value>' argument missing");
  expect(problemOf('--log.level=loud')).toBe('--log.level: expected debug, info, warn, error, got "loud"');
  expect(problemOf('--storage.lock-timeout=soon')).toBe(
    '--storage.lock-timeout: expected a duration such as 30s, got "soon"',
  );
  expect(problemOf('serve', 'extra')).toBe('serve takes no positional arguments, got "extra"');
  expect(problemOf('check-config')).toBe('check-config requires a FILE');
  expect(problemOf('check-config', 'a', 'b')).toBe('check-config takes one FILE, got "a b"');
  expect(problemOf('simulate')).toBe('simulate requires --scenario=FILE');
  expect(problemOf('doctor')).toBe('doctor requires a FILE');
  expect(problemOf('doctor', 'a', '--format=yaml')).toBe('--format: expected text, json, got "yaml"');
  expect(problemOf('doctor', 'a', '--timeout=2m')).toBe(
    '--timeout: expected a duration from 1s to 1m, got "2m"',
  );
  expect(problemOf('doctor', 'a', '--record=')).toBe('--record requires a directory');
  expect(problemOf('rules')).toBe('rules requires a FILE');
  expect(problemOf('rules', 'a', '--scrape-interval=3m')).toBe(
    '--scrape-interval: expected a duration from 1s to 2m, got "3m"',
  );
  expect(problemOf('rules', 'a', '--objective=0.99')).toBe(
    '--objective: expected a percentage from 94% to below 100%, such as 99.5%, got "0.99"',
  );
  expect(problemOf('rules', 'a', '--objective=93%')).toContain('--objective: expected a percentage from 94%');
  expect(problemOf('rules', 'a', '--runbook-base=docs')).toBe(
    '--runbook-base: expected a URL such as https://wiki.example.com/runbooks/, got "docs"',
  );
  expect(problemOf('rules', 'a', '--lang=de')).toBe('--lang: expected en, zh, got "de"');
  expect(problemOf('rules', 'a', '--job=')).toBe('--job requires the name of a scrape job');
});

test('rejects a long argument before parseArgs splits it into short flags', () => {
  expect(parseInvocation(['check-config', `-${'r'.repeat(100_000)}`])).toEqual({
    command: 'unusable',
    problem: 'argument 2 is longer than 8192 characters',
  });
  expect(parseInvocation(['check-config', 'a'.repeat(8_192)])).toMatchObject({ command: 'check-config' });
});

test('parses the flags of the rules', () => {
  expect(
    parseInvocation([
      'rules',
      'live.yaml',
      '--format=prometheusrule',
      '--lang=zh',
      '--runbook-base=https://wiki.example.com/',
      '--scrape-interval=1m',
      '--job=live',
      '--objective=99.5%',
      '--streams=5000',
    ]),
  ).toEqual({
    command: 'rules',
    configFile: 'live.yaml',
    rules: {
      format: 'prometheusrule',
      language: 'zh',
      runbookBase: 'https://wiki.example.com/',
      scrapeMs: 60_000,
      job: 'live',
      objective: 0.995,
      streams: 5000,
    },
  });
});

test('shows the default listen address of the demo in the usage', () => {
  expect(usage).toMatch(/ demo .*\n(.*\n)?.*--web\.listen-address=127\.0\.0\.1:10935/);
});

test('lists every flag of the daemon in the usage', () => {
  for (const flag of [
    'config.file',
    'web.listen-address',
    'web.telemetry-path',
    'web.config.file',
    'web.external-url',
    'web.route-prefix',
    'storage.path',
    'storage.lock-timeout',
    'log.level',
    'log.format',
  ]) {
    expect(usage).toContain(`--${flag}=`);
  }
});

function serve(argv: readonly string[]) {
  const invocation = parseInvocation(argv);
  if (invocation.command !== 'serve') throw new Error(`not serve but ${JSON.stringify(invocation)}`);
  return invocation;
}

test('parses the assumed number of discovered streams', () => {
  expect(parseInvocation(['plan', 'a.yaml', '--streams=5000'])).toEqual({
    command: 'plan',
    configFile: 'a.yaml',
    streams: 5000,
  });
  expect(parseInvocation(['plan', 'a.yaml'])).toMatchObject({ streams: undefined });
});
