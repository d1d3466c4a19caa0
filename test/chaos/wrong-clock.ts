import { readFileSync } from 'node:fs';

/**
 * Preload module for the exporter (`--import`): adds the offset in a file, in milliseconds, to the wall clock. It applies
 * the offset from the start, and again soon after the file changes. It does not change the monotonic clock. The offset is
 * in a file so that it survives a kill -9.
 */
const file = process.env.CHAOS_CLOCK_FILE ?? '';
const everyMs = 20;

const read = () => Number(readFileSync(file, 'utf8'));
const rightNow = Date.now;
let aheadMs = read();
const wrongNow = () => rightNow() + aheadMs;

// Poll between tasks: unlike a real clock, this clock never steps within a task.
setInterval(() => {
  aheadMs = read();
}, everyMs).unref();

globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [wrongNow()] : args, newTarget),
  get: (target, name, proxy) => (name === 'now' ? wrongNow : Reflect.get(target, name, proxy)),
});
