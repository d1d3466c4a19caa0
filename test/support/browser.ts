import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

type ContextOptions = Parameters<typeof chromium.launchPersistentContext>[1];

/** A Chromium whose requests can reach only the loopback interface, with what its pages complain about. */
export interface TestBrowser extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Console messages, errors, dialogs, failed requests, and requests to other origins than those of `allow`. */
  readonly complaints: string[];
}

/** Starts the installed Chromium. `origins` are the origins to which pages may send requests. */
export async function startBrowser(
  origins: readonly string[],
  options: ContextOptions = {},
): Promise<TestBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'status-page-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: pathOf('chromium'),
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--hide-scrollbars',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
    ...options,
  });
  const complaints: string[] = [];
  const page = await context.newPage();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'data:' && !origins.includes(origin)) complaints.push(`request to ${request.url()}`);
  });
  return {
    context,
    page,
    complaints,
    async [Symbol.asyncDispose]() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

function pathOf(tool: string): string {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return directories.map((directory) => join(directory, tool)).find((file) => existsSync(file)) ?? tool;
}
